/**
 * The README's own program, by its fences:
 * - ```` ```ts ```` (`js`, `json`, `html` too) whose first line is `// name.ts` is that file. Every `ts` block has a name: a fragment
 *   that no one can run is fenced `typescript`.
 * - ```` ```sh ```` with a line that begins `npm install cotangent` is what to run in the folder of these files, line by line.
 * - ```` ```text ```` straight after it is what they print: each of its lines in this order, `…` for anything.
 */
export type Program = {
  readonly files: ReadonlyMap<string, string>;
  readonly commands: readonly string[];
  readonly prints: readonly string[];
};

type Block = { readonly language: string; readonly text: string };

const blocksOf = (markdown: string): readonly Block[] =>
  [...markdown.replaceAll("\r\n", "\n").matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language: language ?? "",
    text: text ?? "",
  }));

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));

export const readProgram = (markdown: string): Program => {
  const blocks = blocksOf(markdown);
  const files = new Map<string, string>();
  for (const { language, text } of blocks) {
    if (!["ts", "js", "json", "html"].includes(language)) continue;
    const name = /^\/\/ (\S+\.\w+)$/m.exec(text.slice(0, text.indexOf("\n")))?.[1];
    if (name === undefined && language !== "ts") continue;
    if (name === undefined)
      throw new Error(`README.md: a \`\`\`ts block begins with its file's name, \`// name.ts\`: ${text.split("\n")[0]}`);
    if (files.has(name)) throw new Error(`README.md: two blocks are called ${name}`);
    files.set(name, text);
  }

  const at = blocks.findIndex(({ language, text }) => language === "sh" && /^npm install cotangent\b/m.test(text));
  if (at < 0) throw new Error("README.md: no ```sh block with `npm install cotangent`");
  const after = blocks[at + 1];
  return { files, commands: linesOf(blocks[at]?.text ?? ""), prints: after?.language === "text" ? linesOf(after.text) : [] };
};

/** Whether `output` holds the lines in their order, each anywhere within one of its own; `…` stands for anything. */
export const printsIn = (output: string, lines: readonly string[]): boolean => {
  const escaped = lines.map((line) =>
    line
      .trim()
      .split("…")
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
      .join(".*"),
  );
  return new RegExp(escaped.join("[^]*\\n.*")).test(output);
};
