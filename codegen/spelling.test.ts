import { expect, test } from "vitest";
import { call, constant, type Expr, indexVar, inRange, load, reduce, select } from "../dsl/expr.ts";
import { nameOf, parameter } from "../dsl/value.ts";
import { type ExprSpeller, placeOf, spellExpr } from "./spelling.ts";
import { statements } from "./statements.ts";

/** An expression in a language of this test: what is kept, a line each, then its value. */
function textOf(root: Expr): string {
  const { all, push, inside } = statements<string>();
  let kept = 0;
  const branch = (value: () => string): string => `{ ${inside(() => push(value())).join("; ")} }`;
  const speller: ExprSpeller<string> = {
    const: (x) => `${x.value}`,
    size: (x) => `${x.dim}`,
    index: (x) => x.name,
    local: (x) => x.name,
    load: (x, spell) => `${nameOf(x.source)}[${spell(placeOf(x))}]`,
    call: (x, args) => `${x.fn}(${args.join(", ")})`,
    select: (_, test, then, otherwise) => `${test} ? ${branch(then)} : ${branch(otherwise)}`,
    keep(_, code) {
      const name = `t${kept++}`;
      push(`${name} = ${code}`);
      return () => name;
    },
  };
  push(spellExpr(root, speller));
  return all.join("\n");
}

const x = parameter(["B", 3], "f32", "x");
const i = indexVar("i");
const j = indexVar("j");
const [a, b] = [load(x, [i, j]), load(x, [j, i])];

test("a node that occurs twice is computed once, where it is met first", () => {
  const doubled = call("add", [a, a], "f32");
  expect(textOf(call("mul", [doubled, call("exp", [doubled], "f32")], "f32"))).toMatchInlineSnapshot(`
    "t0 = x[addInt(mulInt(i, 3), j)]
    t1 = add(t0, t0)
    mul(t1, exp(t1))"
  `);
});

test("what one branch computes is not there in the other, nor after both; what came before is there in each", () => {
  const [inBoth, before] = [call("exp", [a], "f32"), call("exp", [b], "f32")];
  const either = select(inRange(i, "B"), call("add", [inBoth, before], "f32"), call("mul", [inBoth, before], "f32"));
  expect(textOf(call("sub", [call("sub", [before, either], "f32"), inBoth], "f32"))).toMatchInlineSnapshot(`
    "t0 = exp(x[addInt(mulInt(j, 3), i)])
    t3 = exp(x[addInt(mulInt(i, 3), j)])
    sub(sub(t0, and(lessEqual(0, i), less(i, B)) ? { t1 = exp(x[addInt(mulInt(i, 3), j)]); add(t1, t0) } : { t2 = exp(x[addInt(mulInt(i, 3), j)]); mul(t2, t0) }), t3)"
  `);
});

test("a reduction is a stage of its own by now", () => {
  expect(() => textOf(call("neg", [reduce("add", [3], () => constant(1, "f32"))], "f32"))).toThrow(
    "internal: a reduction inside of an expression",
  );
});
