import { exp, model, softmax, type Tensor } from "cotangent";

/** Rows of 1024. The carry is x, which stays where it is. */
export const softmaxRows = model((x: Tensor<["B", 1024]>) => [x, softmax(x)]);

/** The least that a softmax can cost. */
export const expRows = model((x: Tensor<["B", 1024]>) => [x, exp(x)]);
