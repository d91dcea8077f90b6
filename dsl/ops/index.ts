/** The registry: every primitive with something to compute. The proofs range over it, so an op listed here is an op that is held to the laws. */
import type { Op } from "../op.ts";
import { broadcastOp, maxOp, sumOp } from "./broadcast.ts";
import { dotOp } from "./dot.ts";
import { gatherOp, scatterAddIntoZerosOp } from "./gather.ts";
import { constantScalarOp, dimensionSizeOp, iotaOp } from "./generate.ts";
import { randomBitsOp } from "./random.ts";
import { reshapeOp, reverseOp, transposeOp } from "./reshape.ts";
import * as s from "./scalar.ts";
import { concatOp, padOp, sliceOp } from "./slice.ts";
import { foldOp, windowsOp } from "./windows.ts";

export const ops: readonly Op[] = [
  ...[
    s.add,
    s.sub,
    s.mul,
    s.strongMul,
    s.div,
    s.neg,
    s.exp,
    s.log,
    s.sqrt,
    s.sin,
    s.cos,
    s.tanh,
    s.erf,
    s.abs,
    s.maximum,
    s.minimum,
    s.pow,
  ].map((f) => f.op),
  ...[s.equal, s.less, s.lessEqual, s.logicalAnd, s.logicalOr, s.logicalNot, s.shiftRight].map((f) => f.op),
  ...[s.selectOp, s.convertOp, s.stopGradientOp],
  ...[broadcastOp, sumOp, maxOp, reshapeOp, transposeOp, reverseOp, sliceOp, padOp, concatOp, dotOp, windowsOp, foldOp],
  ...[gatherOp, scatterAddIntoZerosOp, constantScalarOp, dimensionSizeOp, iotaOp, randomBitsOp],
];
