/** `cotangent/proofs`: the laws of differentiation for your own models. Needs fast-check (an optional peer). */
export { type CloseOptions, expectClose } from "./close.ts";
export { type ProveOptions, proveDerivatives } from "./prove.ts";
export { type Tolerance, tolerance } from "./tolerance.ts";
