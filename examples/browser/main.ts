/** `npm run page [-- --port 8000]`: builds the model and the page, and serves them to this machine. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../../cli/build.ts";
import { buildPage } from "./build.ts";
import { serve } from "./server.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "8000" } } });
const here = import.meta.dirname;
const folder = join(here, "out/page");

const model = join(here, "../mnist/mlp.ts");
for (const target of ["wasm", "wgsl"] as const) await build(model, { target });
await buildPage(folder, model);
const { url } = await serve(folder, Number(values.port));
console.log(`${url}  (Ctrl+C ends it)`);
