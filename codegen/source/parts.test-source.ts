/** What the feature programs import: the reader follows the user's own modules. */
import { add, matmul, mul, relu, type Tensor, tanh } from "cotangent";

export { layerNorm as normalise } from "cotangent";

export type Dense<I extends number, O extends number> = { readonly w: Tensor<[I, O]>; readonly b: Tensor<[O]> };

export const activations = { relu, tanh };
export const scale = 1 / Math.sqrt(8);

export function dense(x: Tensor<["B", 8]>, { w, b }: Dense<8, 8>, activation: keyof typeof activations = "relu"): Tensor<["B", 8]> {
  return activations[activation](add(matmul(x, w), b));
}

export default function half(x: Tensor<["B", 8]>): Tensor<["B", 8]> {
  return mul(x, scale / 2);
}
