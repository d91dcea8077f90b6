/** `cotangent/tensor`: tensors as data, for programs that only run built models: nothing of the language comes along. */
import type { tensor as typed } from "./api/create.ts";
import { bufferOf, type Data } from "./storage.ts";
import type { DType, Shape } from "./types.ts";

/** As `tensor` of `cotangent`: the elements of a shape, row-major. It goes wherever a tensor goes, but does not print its elements. */
export const tensor: typeof typed = ((data: Data, shape: Shape, dtype: DType = "f32") => {
  const buffer = bufferOf(data, shape, dtype);
  return { shape, dtype, buffer, data: async () => buffer.slice() };
}) as never;
