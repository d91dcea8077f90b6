/** How threads share a step: each takes its part of a phase, and waits until all have done theirs. */
import { type Assembler, type Func, i32, none } from "./assembler.ts";
import { ARRIVED, ROUND } from "./imports.ts";
import { THREAD } from "./phase.ts";

/** The global that says how many threads there are. */
export const THREADS = ":threads";
/** Turns of waiting between two questions whether somebody still comes. */
const PATIENCE = 1 << 20;

/** `(n, grain, thread) → ` where a thread's part of n begins, in whole grains. */
export function partFunction(asm: Assembler): string {
  return asm.shared("part", "part", (name) =>
    asm.func(name, [i32, i32, i32], i32, (f) => {
      const { m } = f;
      const [n, grain, thread] = [f.param(0), f.param(1), f.param(2)];
      const grains = m.i32.div_u(m.i32.sub(m.i32.add(f.get(n), f.get(grain)), f.int(1)), f.get(grain));
      const first = m.i32.div_u(m.i32.mul(grains, f.get(thread)), m.global.get(THREADS, i32));
      const from = f.let(i32, m.i32.mul(first, f.get(grain)));
      f.emit(m.select(m.i32.lt_u(f.get(from), f.get(n)), f.get(from), f.get(n)));
    }),
  );
}

/** Waits, spinning, until every thread is here. The import `core.waiting` throws if somebody never comes. */
export function barrierFunction(asm: Assembler): string {
  return asm.shared("barrier", "barrier", (name) => {
    const waiting = asm.shared("waiting", "waiting", (fn) => asm.m.addFunctionImport(fn, "core", "waiting", none, none));
    asm.func(name, [], none, (f) => {
      const { m } = f;
      const round = f.fresh(i32);
      const now = (): number => m.i32.atomic.load(ROUND, f.int(0));
      f.if(m.i32.eq(m.global.get(THREADS, i32), f.int(1)), () => f.emit(m.return()));
      f.set(round, now());
      const last = m.i32.eq(m.i32.atomic.rmw.add(ARRIVED, f.int(0), f.int(1)), f.add(m.global.get(THREADS, i32), -1));
      f.if(
        last,
        () => {
          f.emit(m.i32.atomic.store(ARRIVED, f.int(0), f.int(0)));
          f.emit(m.i32.atomic.store(ROUND, f.int(0), f.add(f.get(round), 1)));
        },
        () => spin(f, waiting, () => m.i32.eq(now(), f.get(round))),
      );
    });
  });
}

function spin(f: Func, waiting: string, still: () => number): void {
  const { m } = f;
  const turns = f.fresh(i32);
  f.repeat(() => {
    f.set(turns, f.add(f.get(turns), 1));
    f.if(m.i32.eqz(m.i32.and(f.get(turns), f.int(PATIENCE - 1))), () => f.emit(m.call(waiting, [], none)));
  }, still);
}

export const threadGlobals = [THREAD, THREADS] as const;
