/** What a person is told: a code that stays, a place, the reason, the source with carets under it, and the way out. */

/** Lines and columns count from 1. */
export interface Diagnostic {
  /** `CT104`, or TypeScript's own `TS2345`. */
  readonly code: string;
  /** Relative to the working directory, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  /** The line of source, and the carets under it. Empty where the file itself is what is wrong. */
  readonly excerpt: readonly string[];
  /** What to write in its place; empty where the reason says it all. */
  readonly wayOut: string;
}

export function printDiagnostic({ code, file, line, column, reason, excerpt, wayOut }: Diagnostic): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return [`${place}  ${code}  ${reason}`, ...excerpt, wayOut].filter((text) => text !== "").join("\n");
}

export interface Message {
  readonly code: string;
  readonly reason: string;
  readonly wayOut: string;
}
type Maker<A extends readonly string[]> = (...args: A) => Message;

/** `code`, and `[reason, way out]` from what is peculiar to the case. */
const say =
  <A extends readonly string[]>(code: string, text: (...args: A) => readonly [reason: string, wayOut?: string]): Maker<A> =>
  (...args) => {
    const [reason, wayOut = ""] = text(...args);
    return { code, reason, wayOut };
  };

/** Every diagnostic there is. A code is never given to anything else. */
export const messages = {
  // CT100: the module
  cannotRead: say("CT100", (file: string, why: string) => [`cannot read ${file}: ${why}.`]),
  noModel: say("CT101", () => [
    "this module exports no model: there is nothing to build.",
    "Export one: `export const f = model((x: Tensor<[2]>) => …)`.",
  ]),
  topLevel: say("CT102", (what: string) => [
    `${what} at the top of a module runs when it is imported; a build runs nothing.`,
    "Keep declarations here, and move what runs to a file that imports this one.",
  ]),
  foreignImport: say("CT103", (name: string, module: string) => [
    `\`${name}\` comes from ${module}, whose source is not read.`,
    "A model is made of functions from `cotangent` and of your own modules; pass anything else in as a parameter.",
  ]),

  // CT104: what would depend on data
  conditionOnTensor: say("CT104", (construct: string, what: string, test: string) => [
    `${construct} on ${what}: its value is not known at build time.`,
    construct === "`for`"
      ? "Write a constant number of turns, and what a turn may not do as `where(…, …, …)`."
      : `Write it as \`where(${test}, …, …)\`.`,
  ]),
  comparison: say("CT105", (operator: string, what: string, call: string) => [
    `\`${operator}\` on ${what}: its value is not known at build time.`,
    `Write \`${call}\`: a bool tensor, for \`where\`.`,
  ]),
  arithmetic: say("CT106", (operator: string, what: string, call: string) => [`\`${operator}\` on ${what}.`, `Write \`${call}\`.`]),
  staticWanted: say("CT107", (where: string) => [
    `${where} wants a number that is known at build time; this one is a parameter of the model, known when it runs.`,
    "Write a constant, or a size: `dim(x, 0)`.",
  ]),
  symbolicSize: say("CT108", (what: string, use: string) => [
    `${use} of ${what}: a size that varies has no number at build time.`,
    "Take sizes from tensors: `dim(x, 0)` goes where a size or an operand is wanted; compute with `mul(dim(x, 0), 2)`.",
  ]),
  dataOfTensor: say("CT109", (name: string) => [
    `\`.${name}\` of a tensor: a model is built before it has data.`,
    "Return the tensor, and read it with `await t.data()` where the model is called.",
  ]),

  // CT110: statements
  whileLoop: say("CT110", () => [
    "`while`: how often it runs is not known at build time.",
    "Write `for (let i = 0; i < n; i++)` with a constant `n`, or `for (const layer of layers)`.",
  ]),
  exception: say("CT111", (what: string) => [
    `${what}: a built model does not throw.`,
    "Shapes are checked by their types and again at entry; where values are in doubt, write `where(…, …, …)`.",
  ]),
  asynchronous: say("CT112", (what: string) => [
    `${what}: a model is one synchronous function.`,
    "Read and load data where the model is called.",
  ]),
  generator: say("CT113", (what: string) => [`${what}: generators are not read.`, "Return an array."]),
  classes: say("CT114", (what: string) => [
    `${what}: classes and their objects are not read.`,
    "Write a function that takes and returns plain objects and tuples.",
  ]),
  forIn: say("CT115", () => ["`for … in` is not read.", "Write `for (const [key, value] of Object.entries(…))`."]),
  switchCase: say("CT116", () => ["`switch` is not read.", "Write `if` and `else if`, or look the case up in an object."]),
  labelled: say("CT117", (what: string) => [`${what} is not read.`, "Put the inner loop into a function, and `return` from it."]),
  varDeclaration: say("CT118", () => ["`var` is not read.", "Write `let` or `const`."]),
  otherSyntax: say("CT119", (what: string) => [
    `${what} is not part of the TypeScript that is read.`,
    "Write it with functions, constants, `if`, `for` and the ops; or compute it where the model is called, and pass it in.",
  ]),

  // CT120: names, state
  unknownGlobal: say("CT120", (name: string, wayOut: string) => [
    `\`${name}\` is not known at build time.`,
    wayOut || "Pass in what it gives as a parameter of the model.",
  ]),
  outerAssignment: say("CT121", (name: string) => [
    `\`${name}\` belongs to an enclosing function: to assign to it from here is not read.`,
    "Return the new value; in place of `forEach`, write `for (const x of xs)`.",
  ]),
  mutation: say("CT122", (what: string) => [
    `${what} changes an object that was not made in this function.`,
    "Make a new one: `{ ...old, key: value }`, `[...old, item]`.",
  ]),
  beforeDefinition: say("CT123", (name: string) => [
    `\`${name}\` is used before it has a value.`,
    "Define it first; two modules may not need each other's constants.",
  ]),
  unknownMember: say("CT124", (name: string, of: string, known: string) => [
    `\`.${name}\` of ${of} is not read.`,
    known && `What is: ${known}.`,
  ]),
  notCallable: say("CT125", (name: string, what: string) => [`\`${name}\` is ${what}, not a function.`]),
  ofNothing: say("CT126", (name: string, what: string) => [`\`.${name}\` of ${what}.`, "Give it a value, or write `?.`."]),
  notIterable: say("CT127", (what: string) => [
    `${what} is not an array.`,
    "Loop over a tuple or an array, `Object.entries(…)`, or `Array.from({ length: n })`.",
  ]),

  // CT130: the build as a whole
  budget: say("CT130", (steps: string, count: string) => [
    `this takes more than ${steps} steps to read${count}.`,
    "A static loop is unrolled: make it shorter, or compute over an axis of a tensor.",
  ]),
  recursion: say("CT131", (depth: string) => [
    `more than ${depth} calls inside each other: the recursion does not end at build time.`,
    "End it on something static, or write a `for`.",
  ]),
  rule: say("CT132", (message: string, wayOut: string) => [message, wayOut]),
  result: say("CT133", (name: string, what: string) => [
    `\`${name}\` returns ${what}: a model returns tensors, in objects and tuples.`,
    "Return a tensor: `ones([])` is the number 1.",
  ]),
  noName: say("CT134", () => ["a model that is exported as default has no name.", "Write `export const f = model(…)`."]),

  // CT140: declared parameter types of exported models
  noType: say("CT140", (path: string, type: string) => [
    `\`${path}\` has the type \`${type}\`: its shape is not known.`,
    'Annotate it: `x: Tensor<["B", 784]>`.',
  ]),
  unknownSize: say("CT141", (path: string, size: string) => [
    `a size of \`${path}\` is \`${size}\`: a built model needs a number or a name.`,
    'Write the number, or a name for what varies: `Tensor<["B", 784]>`.',
  ]),
  unknownRank: say("CT142", (path: string) => [
    `\`${path}\` has an unknown number of axes.`,
    'Write each axis; a model over `"...L"` is built where another model calls it, so do not export it from here.',
  ]),
  arrayOfTensors: say("CT143", (path: string, type: string) => [
    `\`${path}\` is an array, \`${type}\`: how many there are is not known.`,
    "Write a tuple: `[Layer, Layer, Layer]`.",
  ]),
  unionType: say("CT144", (path: string, type: string) => [`\`${path}\` is one of several, \`${type}\`.`, "Write one model for each."]),
  genericType: say("CT145", (path: string, type: string) => [
    `\`${path}\` is generic in \`${type}\`.`,
    'Write sizes as names, `Tensor<["B", 784]>`: a model unifies them at each call. Other type parameters belong to functions that are not exported models.',
  ]),
  optionalParameter: say("CT146", (path: string) => [
    `\`${path}\` is not always there: an exported model has a fixed list of parameters.`,
    "Make it a parameter like the others, or a constant in the body.",
  ]),
  staticType: say("CT147", (path: string, type: string) => [
    `\`${path}\` is \`${type}\`: only tensors and numbers are passed to a built model.`,
    "Fix it in the source: write a function that takes it and returns the model.",
  ]),
  badSize: say("CT148", (path: string, why: string) => [
    `a size of \`${path}\`: ${why}.`,
    'Write sums and products of names and whole numbers: `"4*B"`, `"T+1"`.',
  ]),
  notCompiled: say("CT149", (why: string) => [`${why}.`]),
} as const;

/** The way out for globals that people reach for. */
export const insteadOf: Readonly<Record<string, string>> = {
  console: "To look at values, call the model without a build: every tensor prints.",
  Date: "Pass the time in as a parameter of the model.",
  performance: "Measure where the model is called.",
  "Math.random": "Take randomness from a key: `uniform(key, […])`, with the key a parameter of the model.",
  process: "Pass settings in as parameters of the model, or write them as constants.",
  fetch: "Load data where the model is called, and pass it in.",
  "Number(…)": "Write numbers as numbers; a truth value becomes one by `flag ? 1 : 0`.",
  String: "Write it into a template, between backticks.",
  Boolean: "Write `!!x`.",
  Float32Array: "Write `tensor([1, 2, 3], [3])`.",
  eval: "Write the function out.",
  Function: "Write the function out.",
};
