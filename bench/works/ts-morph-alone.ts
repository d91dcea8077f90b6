// What reading one file costs before anything is done with it: `node ts-morph-alone.ts FILE`. Raced by build.ts.
import { Project } from "ts-morph";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("ts-morph-alone: a file is wanted");
const project = new Project({ tsConfigFilePath: "tsconfig.json", skipAddingFilesFromTsConfig: true });
const diagnostics = project.addSourceFileAtPath(path).getPreEmitDiagnostics();
if (diagnostics.length > 0) {
  console.error(project.formatDiagnosticsWithColorAndContext(diagnostics));
  process.exitCode = 1;
}
