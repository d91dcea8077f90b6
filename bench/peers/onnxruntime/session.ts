import type { InferenceSession, TensorConstructor } from "onnxruntime-web";
import type { Contender, Library, MatmulTask } from "../../library.ts";
import { multiplyModel } from "./model.ts";

/** What `onnxruntime-node` and `onnxruntime-web` have in common. */
interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
}

/** ONNX Runtime on one thread: a session of one MatMul, all optimisations on. It cannot train. */
export const onnxruntimeOn = (
  name: string,
  version: string,
  { InferenceSession, Tensor }: Runtime,
  { writesInto, ...options }: InferenceSession.SessionOptions & { /** It can be given the array for a result. */ writesInto: boolean },
): Library => ({
  name,
  version,
  does: {
    async matmul({ n, a, b }: MatmulTask): Promise<Contender> {
      const session = await InferenceSession.create(multiplyModel(n), { ...options, graphOptimizationLevel: "all" });
      const square = (elements: Float32Array) => new Tensor("float32", elements, [n, n]);
      const inputs = { a: square(a), b: square(b) };
      const outputs = writesInto ? { c: square(new Float32Array(n * n)) } : ["c"];
      return {
        run: () => session.run(inputs, outputs),
        result: async () => [(await session.run(inputs, outputs)).c!.data as Float32Array],
      };
    },
  },
});
