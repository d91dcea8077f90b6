/** `npm run plots`: draws what `docs/plots/` says was measured. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawPlots, folder } from "./index.ts";

for (const [file, svg] of Object.entries(drawPlots())) writeFileSync(join(folder, file), svg);
