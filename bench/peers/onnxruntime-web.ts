import * as runtime from "onnxruntime-web";
import type { Library } from "../library.ts";
import { multiplyModel } from "./onnxruntime/model.ts";
import { onnxruntimeOn } from "./onnxruntime/session.ts";

/** WebAssembly with SIMD; it copies into and out of its own memory at each run. */
export async function open(): Promise<Library> {
  runtime.env.wasm.numThreads = 1;
  const options = { executionProviders: ["wasm"] };
  await runtime.InferenceSession.create(multiplyModel(1), options);
  // It leaves Node's threads behind as a browser's `Worker`, which other peers then try to use.
  Reflect.deleteProperty(globalThis, "Worker");
  return onnxruntimeOn("onnxruntime-web", runtime.env.versions.web ?? "", runtime, { ...options, writesInto: false });
}
