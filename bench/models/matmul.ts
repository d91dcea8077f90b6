import { matmul, model, type Tensor } from "cotangent";

type Operands = { a: Tensor<["M", "K"]>; b: Tensor<["K", "N"]> };

/** One module for every size. The carry is the operands, which stay where they are, as a peer's tensors do. */
export const product = model((s: Operands) => [s, matmul(s.a, s.b)]);
