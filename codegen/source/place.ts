/** From a node of the user's source to its place, and to the refusal that names it. */
import { relative } from "node:path";
import { ts } from "ts-morph";
import type { Diagnostic, Message } from "./diagnostic.ts";

/** Thrown where the reader stops, caught by `readModule`. */
export class Refusal extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(`${diagnostic.file}:${diagnostic.line}:${diagnostic.column} ${diagnostic.code} ${diagnostic.reason}`);
    this.diagnostic = diagnostic;
  }
}

export function refuse(node: ts.Node, message: Message): never {
  throw new Refusal(diagnosticAt(node.getSourceFile(), node.getStart(), node.getEnd(), message));
}

export function diagnosticAt(file: ts.SourceFile, start: number, end: number, message: Message): Diagnostic {
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return { ...message, file: shownPath(file.fileName), line: line + 1, column: character + 1, excerpt: excerpt(file, start, end) };
}

/** As people type it: relative to the working directory where it lies within, with forward slashes. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file).replaceAll("\\", "/");
  return path.startsWith("../../..") ? file.replaceAll("\\", "/") : path;
}

/** The first line of a span, with carets under its part of it. */
function excerpt(file: ts.SourceFile, start: number, end: number): string[] {
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const from = file.getPositionOfLineAndCharacter(line, 0);
  const text = (file.text.slice(from).split(/\r\n|[\n\r\u2028\u2029]/, 1)[0] ?? "").trimEnd();
  const carets = Math.max(1, Math.min(end - start, text.length - character));
  const number = String(line + 1);
  const before = text.slice(0, character).replace(/[^\t]/g, " ");
  return [` ${number} | ${text}`, ` ${" ".repeat(number.length)} | ${before}${"^".repeat(carets)}`];
}

/** The source of a node on one line, for messages. */
export function textOf(node: ts.Node): string {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node)) return textOf(node.expression);
  const text = node.getText().replace(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
