/** A function of a shader in the making: its statements, and what indices and row locals are in it. */

import { type ExprOf, type ExprSpeller, type Spell, spellExpr } from "../../codegen/spelling.ts";
import { statements } from "../../codegen/statements.ts";
import { core } from "../../dsl/core.ts";
import { constant, type Expr, visitExpr } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { plus } from "./arithmetic.ts";
import { type Code, callOf, code, GREATEST, level, literal, typeOf, widened, within } from "./code.ts";
import { Elements, type Lane } from "./elements.ts";
import { type Module, shapeComment } from "./module.ts";
import { Names } from "./names.ts";
import { operationOf } from "./operations.ts";
import { Sizes } from "./sizes.ts";

export class Writer {
  readonly module: Module;
  readonly sizes: Sizes;
  readonly elements: Elements;
  readonly names: Names;
  readonly parameters: string[] = [];
  readonly #text = statements<string>();
  /** By their names, the values that begin where sizes say. */
  readonly #begins = new Map<string, Value>();
  readonly #indices = new Map<string, Code>();
  readonly #locals = new Map<string, Code>();
  /** Which four elements are computed at once, if it is four. */
  #lane: Lane | undefined;
  #named: { readonly x: Expr; readonly wish: string } | undefined;

  constructor(module: Module) {
    this.module = module;
    this.names = new Names(module.names);
    this.sizes = new Sizes(module);
    this.elements = new Elements(this);
  }

  line(...lines: readonly string[]): void {
    this.#text.push(...lines);
  }
  block(head: string, body: () => void): void {
    this.line(head ? `${head} {` : "{", ...this.#inside(body), "}");
  }
  either(test: string, then: () => void, otherwise: () => void): void {
    this.line(`if (${test}) {`, ...this.#inside(then), "} else {", ...this.#inside(otherwise), "}");
  }
  /** `body`, where all of these hold. */
  where(tests: readonly Code[], body: () => void): void {
    if (tests.length === 0) body();
    else this.block(`if (${tests.map((test) => within(test, level.relation)).join(" && ")})`, body);
  }
  /** Its lines, after those that it needs at its head. */
  text(): string[] {
    const layout = this.module.layout;
    const begins = [...this.#begins].map(([name, v]) => `let ${name} = ${this.sizes.room(layout.begin(v)).text}; ${shapeComment(v)}`);
    return withoutUnused([...this.sizes.head(), ...begins, ...this.#text.all]);
  }
  #inside(body: () => void): string[] {
    return this.#text.inside(body).map((line) => `  ${line}`);
  }

  /** The next parameter. */
  parameter(wish: string, type: string): Code {
    const name = this.names.fresh(wish);
    this.parameters.push(`${name}: ${type}`);
    return code(name);
  }
  /** A name for `value`. */
  let(wish: string, value: Code): Code {
    return this.#declare("let", wish, value);
  }
  /** A name for `value`, if it is neither one nor a number. */
  named(wish: string, value: Code): Code {
    return /^\w+$/.test(value.text) ? value : this.let(wish, value);
  }
  var(wish: string, value: Code): Code {
    return this.#declare("var", wish, value);
  }
  #declare(how: "let" | "var", wish: string, value: Code): Code {
    const name = this.names.fresh(wish);
    this.line(`${how} ${name} = ${value.text};`);
    return code(name, level.primary, value.wide);
  }
  assign(to: Code, value: Code): void {
    this.line(`${to.text} = ${(to.wide ? widened(value) : value).text};`);
  }

  /** What an index is; by default the variable of a loop, the same for all loops over an index of that name: none is inside of another. */
  index(name: string): Code {
    let known = this.#indices.get(name);
    if (!known) this.#indices.set(name, (known = code(this.names.fresh(name))));
    return known;
  }
  setIndex(name: string, value: Code): void {
    this.#indices.set(name, value);
  }
  /** What a row local is, from here on. */
  bind(name: string, value: Code): void {
    this.#locals.set(name, value);
  }
  local(name: string): Code {
    const known = this.#locals.get(name);
    if (!known) throw new Error(`internal: row local ${name} is not there`);
    return known;
  }

  get lane(): Lane | undefined {
    return this.#lane;
  }
  /** Four elements at once within `body`; the indices that differ have been set to what they are in each of the four. */
  along(lane: Lane, body: () => void): void {
    const around = this.#lane;
    this.#lane = lane;
    body();
    this.#lane = around;
  }
  /** Four at once within `body`, along an index which is the first one's now. */
  four(index: string, body: () => void): void {
    const first = this.index(index);
    this.setIndex(index, this.lanesFrom(first));
    this.along({ first, strides: new Map([[index, 1]]) }, body);
    this.setIndex(index, first);
  }
  /** `first` and the three numbers after it. */
  lanesFrom(first: Code): Code {
    return plus(first, code(this.module.use("lanes"), level.primary, true));
  }
  /** Is it another one in each lane? */
  varies(x: Expr): boolean {
    let found = false;
    visitExpr(x, (node) => {
      if (node.kind === "index" && this.index(node.name).wide) found = true;
      if (node.kind === "local" && this.local(node.name).wide) found = true;
    });
    return found;
  }

  /** Turns from 0 on. */
  loop(name: string, to: Dim, body: () => void): void {
    const i = this.index(name).text;
    this.block(`for (var ${i} = 0; ${i} < ${within(this.sizes.size(to), level.sum)}; ${i}++)`, body);
  }

  /** The element of the arena at which a value begins. */
  begin(v: Value): Code {
    const name = this.module.beginName(v);
    if (typeof this.module.layout.begin(v) !== "number" && !this.#begins.has(name)) this.#begins.set(name, v);
    return code(name);
  }

  /** An element's code; nodes that occur more than once are computed here. If it gets a name, then the one wished for. */
  expression(root: Expr, wish = "t"): Code {
    const around = this.#named;
    this.#named = { x: root, wish };
    const made = spellExpr(root, this.#speller);
    this.#named = around;
    return made;
  }
  /** The same, with a name. */
  namedExpression(root: Expr, wish: string): Code {
    return this.named(wish, this.expression(root, wish));
  }
  store(target: Value, index: readonly Expr[], value: Code): void {
    this.line(this.elements.store(target, index, value, this.#spell));
  }
  add(target: Value, index: readonly Expr[], value: Code): void {
    this.line(this.elements.add(target, index, value, this.#spell));
  }
  readonly #spell: Spell<Code> = (x) => this.expression(x);

  readonly #speller: ExprSpeller<Code> = {
    const: (x) => this.#constant(x),
    size: (x) => this.sizes.size(x.dim),
    index: (x) => this.index(x.name),
    local: (x) => this.local(x.name),
    load: (x, spell) => this.elements.load(x, spell),
    call: (x, args) => {
      const known = folded(x);
      if (known) return this.#constant(known);
      const [a, b] = args as [Code, Code];
      const wide = args.some((arg) => arg.wide);
      const byBits = testByBits(x);
      if (byBits) return callOf(this.module.use(byBits, wide), a);
      const on = { from: (x.args[0] as Expr).dtype, wide, use: (name: string) => this.module.use(name, wide) };
      return operationOf(x.fn)(on, a, b);
    },
    select: (x, test, then, otherwise) => this.#select(x, test, then, otherwise),
    keep: (_, value) => {
      const kept = this.named("t", value);
      return () => kept;
    },
  };

  /** Lazy where it may be: what is read in vain is read all the same, but no element behind the arena is. */
  #select(x: ExprOf<"select">, test: Code, then: () => Code, otherwise: () => Code): Code {
    const side = (make: () => Code): Side => {
      const made: Code[] = [];
      const lines = this.#text.inside(() => made.push(make()));
      return { lines, value: made[0] as Code };
    };
    const [yes, no] = [side(then), side(otherwise)];
    if (test.wide || [yes, no].every(({ lines, value }) => lines.length === 0 && !CALL_OR_LOAD.test(value.text))) {
      this.line(...yes.lines, ...no.lines);
      return callOf("select", no.value, yes.value, test);
    }
    const wide = yes.value.wide || no.value.wide;
    const result = code(this.names.fresh(x === this.#named?.x ? this.#named.wish : "t"), level.primary, wide);
    const run = ({ lines, value }: Side) => {
      this.line(...lines);
      this.assign(result, value);
    };
    this.line(`var ${result.text}: ${typeOf(x.dtype, wide)};`);
    this.either(
      test.text,
      () => run(yes),
      () => run(no),
    );
    return result;
  }

  #constant({ value, dtype }: ExprOf<"const">): Code {
    if (dtype !== "f32" || Number.isFinite(value)) return literal(value, dtype);
    const text = `${this.module.use(Number.isNaN(value) ? "nan" : "infinity")}()`;
    return value < 0 ? code(`-${text}`, level.unary) : code(text);
  }
}

/** Names that no later line reads are not given. */
function withoutUnused(lines: readonly string[]): string[] {
  const used = new Set<string>();
  const isUsed = (line: string): boolean => {
    const name = /^\s*let (\w+) =/.exec(line)?.[1];
    if (name !== undefined && !used.has(name)) return false;
    for (const [word] of line.matchAll(/[A-Za-z_]\w*/g)) used.add(word);
    return true;
  };
  return lines.toReversed().filter(isUsed).toReversed();
}

/** A side of a select: the statements it needs, and its value. */
interface Side {
  readonly lines: readonly string[];
  readonly value: Code;
}
/** A side that has one of these is computed only where it is wanted. */
const CALL_OR_LOAD = /\w\(|\[/;

/** Comparisons that only NaN or infinity fails: a driver that takes it that there are none would leave them out. */
function testByBits({ fn, args: [a, b] }: ExprOf<"call">): "isNumber" | "isFinite" | undefined {
  if (a?.dtype !== "f32") return undefined;
  if (fn === "equal" && a === b) return "isNumber";
  const isSize = a.kind === "call" && a.fn === "abs";
  return fn === "lessEqual" && isSize && b?.kind === "const" && Math.fround(b.value) === GREATEST ? "isFinite" : undefined;
}

/** A function of constants is one: WGSL would compute it, and refuse the shader where it is not finite. */
function folded(x: ExprOf<"call">): ExprOf<"const"> | undefined {
  if (!x.args.every((arg) => arg.kind === "const")) return undefined;
  const value = (core[x.fn] as (...args: number[]) => number)(...x.args.map((arg) => (arg.kind === "const" ? arg.value : 0)));
  return constant(x.dtype === "f32" ? Math.fround(value) : value, x.dtype) as ExprOf<"const">;
}
