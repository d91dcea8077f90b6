import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** `(length, limit) →` numbers in ±limit, the same ones for the same seed. */
export function randomUniform(seed: number): (length: number, limit: number) => Float32Array {
  const random = xoroshiro128plus(seed);
  return (length, limit) => Float32Array.from({ length }, () => (2 * uniformFloat64(random) - 1) * limit);
}
