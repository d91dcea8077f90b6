import { type Array as JaxArray, numpy as np } from "@jax-js/jax";

/** Its types rule out shared memory, which ours is not. */
export const arrayOf = (elements: Float32Array, shape: number[]): JaxArray => np.array(elements as Float32Array<ArrayBuffer>, { shape });
