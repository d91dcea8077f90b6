/** The laws that an op's record is held to, and arbitrary cases of them. Nothing here names an op that is not special by its meaning. */
import fc from "fast-check";
import type { Op } from "../dsl/op.ts";
import type { Value } from "../dsl/value.ts";
import { anyCall, apply, type OpCall, smoothCall } from "./calls.ts";
import { expectClose } from "./close.ts";
import { isFormalDerivative, isRational } from "./exact.ts";
import { tiedCall } from "./kinks.ts";
import { type Directions, differentiation, isFloat, jvpAgrees, type Law, type Tensors, type Trial } from "./laws.ts";
import { oracleOf } from "./oracles.ts";
import { count, eighths, fromData, type Pool, pool, type Sizes } from "./tensors.ts";

/** A call of an op, as the function that it is. */
export interface OpTrial extends Trial {
  readonly call: OpCall;
}

/** A law about ops: for which ops it says something, cases of it, and what must hold of each. */
export interface OpLaw extends Law<OpTrial> {
  readonly concerns: (op: Op) => boolean;
  readonly cases: (op: Op) => fc.Arbitrary<OpTrial>;
}

const isDifferentiable = (op: Op): boolean => op.derivative.kind !== "zero";

/** A call, and small directions for whatever is a float. */
function trialOf(calls: fc.Arbitrary<OpCall>): fc.Arbitrary<OpTrial> {
  const small = (): fc.Arbitrary<Pool> => pool(eighths(-1, 1));
  return fc.record({ call: calls, along: small(), against: small() }).map(({ call, along, against }) => {
    const like = (v: Value, from: Pool): Value | null =>
      isFloat(v) ? fromData(from.take(v.shape as Sizes), v.shape as Sizes, v.dtype) : null;
    const f = (...args: Tensors): Tensors => [apply(call, args)];
    const y = f(...call.args);
    const pair = (list: Tensors, from: Pool): [Directions, Directions] => [list.map((v) => like(v, from)), list.map((v) => like(v, from))];
    const [directions, cotangents] = [pair(call.args, along), pair(y, against)];
    const toString = (): string => `${call} along ${directions[0].join(", ")}, against ${cotangents[0].join(", ")}`;
    return { call, f, x: call.args, directions, cotangents, toString };
  });
}

const smoothTrial = (op: Op): fc.Arbitrary<OpTrial> => trialOf(smoothCall(op));

/** What the op computes is what a person wrote down a second time, with loops and without looking at `element`. */
const computes: OpLaw = {
  name: "computes what its hand-written oracle computes",
  concerns: () => true,
  cases: (op) => trialOf(anyCall(op)),
  holds: ({ call }) => {
    const { result, tolerance } = oracleOf(call.op)(call);
    expectClose(apply(call, call.args), result, { tolerance, nanExpected: true });
  },
};

const onSmoothCalls = (law: Law<Trial>): OpLaw => ({ ...law, concerns: isDifferentiable, cases: smoothTrial });

const exactly: OpLaw = { ...onSmoothCalls(isFormalDerivative), concerns: isRationalOp };

/** Is the op differentiable, and does it compute with field operations alone? Some calls tell. */
export function isRationalOp(op: Op): boolean {
  if (!isDifferentiable(op)) return false;
  const nonEmpty = (call: OpCall): boolean =>
    call.args.length > 0 && [...call.args, apply(call, call.args)].every((v) => count(v.shape as Sizes) > 0);
  const calls = fc.sample(smoothCall(op).filter(nonEmpty), { numRuns: 20, seed: 1 });
  return calls.every((call) => isRational({ f: (...args) => [apply(call, args)], x: call.args }));
}

/** Where two arguments tie, or one stands at a corner, the derivative is the mean of both sides: what a central difference sees there. */
const splitsTies: OpLaw = {
  name: "at a kink, J·t is the mean of the two one-sided derivatives",
  concerns: (op) => tiedCall(op) !== undefined,
  cases: (op) => trialOf(tiedCall(op) as fc.Arbitrary<OpCall>),
  holds: jvpAgrees.holds,
};

/** An op may be flat only where there is nothing to differentiate, or where stopping is its meaning. */
const flatForAReason: OpLaw = {
  name: "is flat, so it takes no float, gives no float, or stops gradients",
  concerns: (op) => !isDifferentiable(op),
  cases: (op) => trialOf(anyCall(op)),
  holds: ({ call }) => {
    if (call.op.name !== "stop_gradient" && call.args.some(isFloat) && isFloat(apply(call, call.args)))
      throw new Error("it takes floats to floats: a derivative of zero would have to be right");
  },
};

export const opLaws: readonly OpLaw[] = [computes, ...differentiation.map(onSmoothCalls), exactly, splitsTies, flatForAReason];
