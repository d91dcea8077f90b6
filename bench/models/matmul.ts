import { matmul, model, type Tensor } from "cotangent";

/** One module for every size. */
export const product = model((a: Tensor<["M", "K"]>, b: Tensor<["K", "N"]>) => matmul(a, b));
