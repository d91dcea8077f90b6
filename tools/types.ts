// `npm run types`: the whole repository, and the part that ships to browsers without Node's types, under both compilers.
import { tsc, versions } from "./tsc.ts";

for (const version of versions)
  for (const project of ["tsconfig.json", "tsconfig.browser.json"]) {
    const { ok, output } = await tsc(version, ["-p", project]);
    console.log(`TypeScript ${version}  ${project}  ${ok ? "ok" : "failed"}`);
    if (ok) continue;
    console.error(output);
    process.exitCode = 1;
  }
