/** Breaking lines: what does not fit goes one item a line, the outermost first. As the formatter does it, except that short lists of lists stay on their line. */

export type Doc = string | readonly Doc[] | Group;
/** `open item, item close` on one line, or an item a line. */
export interface Group {
  readonly open: string;
  readonly items: readonly Doc[];
  readonly close: string;
  readonly separator: "," | ";";
  /** Inside of the brackets: where it fits on one line, and after the last of several lines. */
  readonly padding: "" | " ";
  readonly last: "" | "," | ";";
  /** As many items a line as there is room for. */
  readonly fill: boolean;
}

export const WIDTH = 140;

const group = (open: string, items: readonly Doc[], close: string, more: Partial<Group> = {}): Group => ({
  ...{ open, items, close, separator: ",", padding: "", last: ",", fill: false },
  ...more,
});
export const list = (items: readonly Doc[]): Group => group("[", items, "]");
export const numbers = (items: readonly Doc[]): Group => group("[", items, "]", { fill: true });
export const args = (items: readonly Doc[]): Group => group("(", items, ")");
export const typeArgs = (items: readonly Doc[]): Group => group("<", items, ">", { last: "" });
export const record = (items: readonly Doc[]): Group => group("{", items, "}", { padding: items.length === 0 ? "" : " " });
export const recordType = (items: readonly Doc[]): Group => group("{", items, "}", { separator: ";", padding: " ", last: ";" });

const isGroup = (doc: Doc): doc is Group => typeof doc === "object" && "open" in doc;

/** All of it on one line. */
export function flat(doc: Doc): string {
  if (typeof doc === "string") return doc;
  if (!isGroup(doc)) return doc.map(flat).join("");
  return doc.open + doc.padding + doc.items.map(flat).join(`${doc.separator} `) + doc.padding + doc.close;
}

/** `doc` in lines of at most `WIDTH` columns as far as its brackets allow, from `indent` on. */
export function layout(doc: Doc, indent = 0): string {
  return place(doc, indent, indent, 0);
}

/** The text of `doc` where it begins in `column` and `after` columns follow it on its last line. */
function place(doc: Doc, indent: number, column: number, after: number): string {
  if (typeof doc === "string") return doc;
  if (isGroup(doc)) return column + flat(doc).length + after <= WIDTH ? flat(doc) : broken(doc, indent);
  let out = "";
  for (const [i, part] of doc.entries()) {
    const here = out.includes("\n") ? out.length - out.lastIndexOf("\n") - 1 : column + out.length;
    out += place(part, indent, here, headWidth(doc.slice(i + 1), after));
  }
  return out;
}

/** How much of what follows stands on the same line whatever happens. */
function headWidth(parts: readonly Doc[], after: number): number {
  const [next, ...rest] = parts;
  if (next === undefined) return after;
  if (typeof next === "string") return next.length + headWidth(rest, after);
  return isGroup(next) ? next.open.length : headWidth([...next, ...rest], after);
}

function broken(doc: Group, indent: number): string {
  const inner = indent + 2;
  const margin = `\n${" ".repeat(inner)}`;
  const lines: string[] = [];
  for (const [i, item] of doc.items.entries()) {
    const text = place(item, inner, inner, 1) + (i < doc.items.length - 1 ? doc.separator : doc.last);
    const line = lines.at(-1);
    if (doc.fill && line !== undefined && inner + line.length + 1 + text.length <= WIDTH) lines[lines.length - 1] = `${line} ${text}`;
    else lines.push(text);
  }
  return `${doc.open}${margin}${lines.join(margin)}\n${" ".repeat(indent)}${doc.close}`;
}
