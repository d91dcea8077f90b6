import "@tensorflow/tfjs-backend-cpu";
import type { Library } from "../library.ts";
import { tfjsOn } from "./tfjs/backend.ts";

export const open = (): Promise<Library> => tfjsOn("cpu");
