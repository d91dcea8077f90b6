import { layerNorm, model, type Tensor, vjp } from "cotangent";

const normalize = model((x: Tensor<["B", 1024]>, gain: Tensor<[1024]>, bias: Tensor<[1024]>) => layerNorm(x, gain, bias));

type Operands = { x: Tensor<["B", 1024]>; gain: Tensor<[1024]>; bias: Tensor<[1024]>; ct: Tensor<["B", 1024]> };

/** Forward and backward: the normalised rows, and the cotangents of x, gain and bias. The carry is all operands, which stay where they are. */
export const layerNormBoth = model((s: Operands) => {
  const { value, pullback } = vjp(normalize)(s.x, s.gain, s.bias);
  const [dx, dgain, dbias] = pullback(s.ct);
  return [s, { y: value, dx, dgain, dbias }];
});
