import { expect, test } from "vitest";
import { printsIn, readProgram } from "./readme.ts";

const readme = `
\`\`\`ts
// mlp.ts
export const one = 1;
\`\`\`
A fragment:
\`\`\`typescript
const two = one + one;
\`\`\`
\`\`\`sh
npm ci
\`\`\`
\`\`\`sh
# in an empty folder
npm install cotangent
node main.js
\`\`\`
\`\`\`text
loss 2.3…
\`\`\`
`;

test("the named blocks are files, the block that installs is what to run, the text after it is what it prints", () => {
  expect(readProgram(readme.replaceAll("\n", "\r\n"))).toEqual({
    files: new Map([["mlp.ts", "// mlp.ts\nexport const one = 1;\n"]]),
    commands: ["npm install cotangent", "node main.js"],
    prints: ["loss 2.3…"],
  });
});

test("a block without a name is refused, and so is a name used twice", () => {
  expect(() => readProgram(readme.replace("// mlp.ts\n", ""))).toThrow("begins with its file's name, `// name.ts`: export const one = 1;");
  expect(() => readProgram(readme + readme)).toThrow("two blocks are called mlp.ts");
});

test("lines are found in their order", () => {
  expect(printsIn("step 0 loss 2.31\nstep 1 loss 2.29\n", ["step 0 loss 2.…", "loss 2.29"])).toBe(true);
  expect(printsIn("step 1 loss 2.29\nstep 0 loss 2.31\n", ["step 0 loss 2.…", "loss 2.29"])).toBe(false);
  expect(printsIn("loss 2x31\n", ["loss 2.31"])).toBe(false);
});
