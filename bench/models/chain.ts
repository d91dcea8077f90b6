import { add, maximum, model, mul, sub, type Tensor } from "cotangent";

/** max(x·a + b, 0) − x: four cheap ops an element. The carry is x, which stays where it is; the output is read by nobody. */
export const chain = model((x: Tensor<["N"]>, a: number, b: number) => [x, sub(maximum(add(mul(x, a), b), 0), x)]);
