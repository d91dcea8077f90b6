import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Library } from "../library.ts";
import { tfjsOn } from "./tfjs/backend.ts";

/** One thread (Node has no `Worker` global for its threads to find), SIMD. */
export async function open(): Promise<Library> {
  setWasmPaths(dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm")) + sep);
  return tfjsOn("wasm");
}
