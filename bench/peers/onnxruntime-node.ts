import * as runtime from "onnxruntime-node";
import type { Library } from "../library.ts";
import { onnxruntimeOn } from "./onnxruntime/session.ts";

/** Native, MLAS. It computes on the calling thread. */
export const open = async (): Promise<Library> =>
  onnxruntimeOn("onnxruntime-node", runtime.env.versions.node ?? "", runtime, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    writesInto: true,
  });
