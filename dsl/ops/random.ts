/** Random bits by key: the same bits on every backend, whatever the order of evaluation. */

import { agree } from "../agree.ts";
import { showShape } from "../dim.ts";
import { addInt, call, type Expr, int, mulInt, type Read, size } from "../expr.ts";
import type { ElementOp } from "../op.ts";
import type { Dim, Shape } from "../types.ts";
import { makeValue, type Value } from "../value.ts";

const xor = (a: Expr, b: Expr): Expr => call("xor", [a, b], "i32");
const rotateLeft = (x: Expr, by: number): Expr => xor(call("shiftLeft", [x, int(by)], "i32"), call("shiftRight", [x, int(32 - by)], "i32"));

/** Threefry-2x32, 20 rounds. Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (2011). */
export function threefry(key: readonly [Expr, Expr], counter: readonly [Expr, Expr]): [Expr, Expr] {
  const rotations = [
    [13, 15, 26, 6],
    [17, 29, 16, 24],
  ] as const;
  const schedule = [key[0], key[1], xor(xor(key[0], key[1]), int(0x1bd11bda))] as const;
  let x = addInt(counter[0], schedule[0]);
  let y = addInt(counter[1], schedule[1]);
  for (let block = 0; block < 5; block++) {
    for (const by of rotations[block % 2 === 0 ? 0 : 1]) {
      x = addInt(x, y);
      y = xor(rotateLeft(y, by), x);
    }
    x = addInt(x, schedule[((block + 1) % 3) as 0 | 1 | 2]);
    y = addInt(addInt(y, schedule[((block + 2) % 3) as 0 | 1 | 2]), int(block + 1));
  }
  return [x, y];
}

/** `key → shape` i32: element n is the exclusive or of the two words of threefry(key, (0, n)), as JAX's partitionable generator. */
export const randomBitsOp: ElementOp<{ shape: Shape }> = {
  name: "rng_bit_generator",
  kind: "element",
  shape: ([key], { shape }) => {
    const k = key as Value;
    if (k.dtype !== "i32" || k.shape.length !== 1 || !agree(k.shape[0] as Dim, 2))
      throw new Error(`randomBits: a key is Tensor<[2], "i32">, got ${showShape(k.shape)} ${k.dtype}`);
    return { shape, dtype: "i32" };
  },
  element: ([key], index, { shape }) => {
    const read = key as Read;
    const n = shape.reduce<Expr>((sum, d: Dim, axis) => addInt(mulInt(sum, size(d)), index[axis] as Expr), int(0));
    const [x, y] = threefry([read(int(0)), read(int(1))], [int(0), n]);
    return xor(x, y);
  },
  derivative: { kind: "zero" },
};
export const randomBits = (key: Value, shape: Shape): Value => makeValue(randomBitsOp, [key], { shape });
