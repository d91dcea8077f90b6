/** `npm run plots`: draws what `docs/plots/` says was measured, and writes the tables of `docs/performance.md`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawPlots, folder, page, pageText } from "./index.ts";

for (const [file, svg] of Object.entries(drawPlots())) writeFileSync(join(folder, file), svg);
writeFileSync(page, pageText());
