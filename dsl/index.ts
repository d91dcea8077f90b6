/** What users import. Tensors typed by their shapes, the ops on them, models, and derivatives. */
export * from "./api/contract.ts";
export { avgPool2d, conv2d, fold, maxPool2d, windows } from "./api/conv.ts";
export * from "./api/create.ts";
export { grad, jvp, valueAndGrad, vjp } from "./api/derivatives.ts";
export {
  abs,
  add,
  cast,
  cos,
  div,
  equal,
  erf,
  exp,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  shiftRight,
  sin,
  sqrt,
  stopGradient,
  strongMul,
  sub,
  tanh,
  where,
} from "./api/elementwise.ts";
export { type AdamOptions, adam, adamInit, layerNorm, relu, sgd, sigmoid, softmaxCrossEntropy, squareLoss } from "./api/learn.ts";
export { logSumExp, max, mean, softmax, sum } from "./api/reduce.ts";
export { broadcastTo, concat, dim, pad, reshape, reverse, slice, transpose } from "./api/shape.ts";
export type { Compiled, CompiledModel, CompiledModule, Session, StartOptions } from "./compiled.ts";
export { type Model, model } from "./model.ts";
export type { ConvOptions, PoolOptions } from "./shape/conv.ts";
export type { DimValue } from "./shape/dim.ts";
export type { DotDimensions } from "./shape/matmul.ts";
export type { Operand } from "./shape/operand.ts";
export type { ReduceOptions } from "./shape/reduce.ts";
export type { AdamState, Grad } from "./shape/tree.ts";
export type { WindowOptions } from "./shape/windows.ts";
export type { AnyTensor, Dim, DType, FloatDType, Shape, Tensor } from "./types.ts";
