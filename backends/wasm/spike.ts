/**
 * A spike, kept as a seed: a Program as one WebAssembly module, spelled naively: a scalar at a time, no tiles, sizes built in.
 * What WebAssembly has no instruction for is imported from `dsl/core.ts`: transcendental functions will be polynomials.
 */
import binaryen from "binaryen";
import type { Kernel, Stage } from "../../codegen/kernel.ts";
import { bytesOf } from "../../codegen/memory.ts";
import type { Program } from "../../codegen/program.ts";
import { placeOf, sharedNodes } from "../../codegen/spelling.ts";
import { core } from "../../dsl/core.ts";
import { evaluateDim } from "../../dsl/dim.ts";
import { call, combiner, type Expr, identityOf, int, type Loop, load, local, mulInt } from "../../dsl/expr.ts";
import type { DType } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Code, type Module, spellCall, stackOf, typeOf } from "./spell.ts";

type Sizes = Readonly<Record<string, number>>;

/** The kernels in order, over a memory of their own. */
export async function instantiate({ kernels, memory }: Pick<Program, "kernels" | "memory">, sizes: Sizes) {
  const m = new binaryen.Module();
  m.setFeatures(binaryen.Features.NontrappingFPToInt);
  m.setMemory(Math.ceil(evaluateDim(memory.bytes, sizes) / 65536), -1, "memory");
  const offset = (v: Value): number => evaluateDim(memory.slots.get(v)?.offset ?? Number.NaN, sizes) * bytesOf(v.dtype);
  const run = kernels.map((kernel, k) => emitKernel(m, `kernel_${k}`, kernel, offset, sizes));
  m.addFunction("run", binaryen.none, binaryen.none, [], m.block(null, run));
  m.addFunctionExport("run", "run");
  for (const type of ["f32", "f64", "i32"] as const)
    for (const [fn, f] of Object.entries(core))
      m.addFunctionImport(`${fn}_${type}`, "core", fn, binaryen.createType(Array(f.length).fill(binaryen[type])), binaryen[type]);
  m.runPasses(["remove-unused-module-elements"]);
  if (!m.validate()) throw new Error("internal: the module is not valid");
  const { instance } = await WebAssembly.instantiate(Uint8Array.from(m.emitBinary()), { core });
  m.dispose();
  return instance.exports as { readonly memory: WebAssembly.Memory; readonly run: () => void };
}

/** Adds a kernel's function; its call. */
function emitKernel(m: Module, name: string, { outer, stages }: Kernel, offset: (v: Value) => number, sizes: Sizes): Code {
  const types: binaryen.Type[] = [];
  const fresh = (dtype: DType): number => types.push(typeOf(dtype)) - 1;
  const named = { index: new Map<string, number>(), local: new Map<string, number>() };
  const get = (at: number | undefined, dtype: DType): Code => m.local.get(at as number, typeOf(dtype));
  const bytePlace = (v: Value, index: readonly Expr[]): Expr => mulInt(placeOf(v, index), int(bytesOf(v.dtype)));

  /** Code is made in the order in which it runs: a shared node is computed where it is met first, and again in the other branch of a select. */
  const spell = (root: Expr): Code => {
    const shared = sharedNodes(root);
    const go = (x: Expr, known: Map<Expr, number>): Code => {
      if (known.has(x)) return get(known.get(x), x.dtype);
      const code = compute(x, known);
      if (!shared.has(x)) return code;
      const at = fresh(x.dtype);
      known.set(x, at);
      return m.local.tee(at, code, typeOf(x.dtype));
    };
    const compute = (x: Expr, known: Map<Expr, number>): Code => {
      if (x.kind === "const") return m[stackOf(x.dtype)].const(x.value);
      if (x.kind === "size") return m.i32.const(evaluateDim(x.dim, sizes));
      if (x.kind === "index" || x.kind === "local") return get(named[x.kind].get(x.name), x.dtype);
      if (x.kind === "load") return m[stackOf(x.dtype)].load(offset(x.source), 0, go(bytePlace(x.source, x.index), known));
      if (x.kind === "select") return m.if(go(x.test, known), go(x.then, new Map(known)), go(x.else, new Map(known)));
      if (x.kind === "reduce") throw new Error("internal: a reduction inside of an expression");
      return spellCall(
        m,
        x,
        x.args.map((arg) => go(arg, known)),
      );
    };
    return go(root, new Map());
  };

  const nest = ([loop, ...rest]: readonly Loop[], body: () => Code): Code => {
    if (!loop) return body();
    const i = fresh("i32");
    named.index.set(loop.index, i);
    const [again, done] = [`again_${i}`, `done_${i}`];
    const end = m.br_if(done, m.i32.ge_s(get(i, "i32"), m.i32.const(evaluateDim(loop.extent, sizes))));
    const next = m.local.set(i, m.i32.add(get(i, "i32"), m.i32.const(1)));
    const turns = m.loop(again, m.block(null, [end, nest(rest, body), next, m.br(again)]));
    return m.block(done, [m.local.set(i, m.i32.const(0)), turns]);
  };
  const bind = (name: string, dtype: DType): ((value: Code) => Code) => {
    const at = named.local.set(name, named.local.get(name) ?? fresh(dtype)).get(name) as number;
    return (value) => m.local.set(at, value);
  };
  const emit = (stage: Stage): Code => {
    if (stage.kind === "let") return bind(stage.name, stage.dtype)(spell(stage.value));
    if (stage.kind === "reduce") {
      const all = stage.accumulators.map((a) => ({ ...a, set: bind(a.name, a.dtype), fn: combiner(a.combine, a.dtype) }));
      const starts = all.map(({ set, dtype, combine }) => set(m[stackOf(dtype)].const(identityOf(combine, dtype))));
      const folds = () => all.map(({ set, name, dtype, fn, value }) => set(spell(call(fn, [local(name, dtype), value], dtype))));
      return m.block(null, [...starts, nest(stage.over, () => m.block(null, folds()))]);
    }
    const { target, index, mode, where, loops } = stage;
    const { dtype } = target;
    const value = mode === "set" ? stage.value : call(combiner("add", dtype), [load(target, index), stage.value], dtype);
    const write = (): Code => m[stackOf(dtype)].store(offset(target), 0, spell(bytePlace(target, index)), spell(value));
    return nest(loops, () => (where ? m.if(spell(where), write()) : write()));
  };
  const body = nest(outer, () => m.block(null, stages.map(emit)));
  m.addFunction(name, binaryen.none, binaryen.none, types, body);
  return m.call(name, [], binaryen.none);
}
