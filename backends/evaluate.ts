/** A generated module's text, evaluated in this process without touching a disk: how tests and `cotangent check` run what is generated. Node only. */
import * as nodeModule from "node:module";

/** What the module exports by default, where its imports are `names`. */
export function evaluateModule(text: string, names: Readonly<Record<string, unknown>>): unknown {
  if (!nodeModule.stripTypeScriptTypes)
    throw new Error(`running generated TypeScript needs Node 22.13 or later; this is ${process.version}`);
  const body = quietly(() => nodeModule.stripTypeScriptTypes(text))
    .replace(/^import .*$/gm, "")
    .replace("export default load;", "return load;");
  return new Function(...Object.keys(names), body)(...Object.values(names));
}

/** Without the warning that Node's way of removing types is experimental. */
function quietly<T>(run: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return run();
  } finally {
    process.emitWarning = emitWarning;
  }
}
