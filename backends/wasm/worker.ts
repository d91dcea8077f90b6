/** A thread of a team: takes its part of every step. */
import { builtin, importsOf, type Run } from "./imports.ts";
import { type Message, Word } from "./team.ts";

type Begin = Message & { readonly kind: "begin" };

/** Looks at the counter so often before it parks: about a tenth of a millisecond. */
const SPINS = 20_000;

let team: Begin;
let taken = 0;
/** Steps done. */
let done = 0;
const runs = new Map<number, Run>();

const node = builtin("node:worker_threads")?.parentPort;
const scope = globalThis as unknown as { onmessage: (event: { readonly data: Message }) => void; postMessage(message: unknown): void };
if (node) node.on("message", listen);
else scope.onmessage = ({ data }) => listen(data);

/** What fails here, the main thread may be waiting for. */
function listen(message: Message): void {
  try {
    take(message);
  } catch (error) {
    if (team) Atomics.store(team.control, Word.lost, 1);
    throw error;
  }
}

function take(message: Message): void {
  if (message.kind === "begin") {
    team = message;
    (node ?? scope).postMessage("ready");
    return;
  }
  taken++;
  if (message.kind === "end") runs.delete(message.id);
  else {
    // What waits here waits for threads that are alive, or ends with the process.
    const { exports } = new WebAssembly.Instance(team.module, importsOf(message.memory, {}, checkLost));
    runs.set(message.id, exports[message.name] as Run);
  }
  work();
}

function checkLost(): void {
  if (Atomics.load(team.control, Word.lost) !== 0) throw new Error("a thread is lost");
}

/** Runs steps until there is a message to take: those come only when this returns. */
function work(): void {
  const { control, thread, threads } = team;
  for (;;) {
    const turn = Atomics.load(control, Word.turn);
    if (Atomics.load(control, Word.announced) !== taken) return;
    const step = Atomics.load(control, Word.step);
    if (step === done) {
      for (let spins = 0; spins < SPINS && Atomics.load(control, Word.turn) === turn; spins++);
      Atomics.wait(control, Word.turn, turn);
      continue;
    }
    done = step;
    const sizes = control.subarray(Word.sizes, Word.sizes + (control[Word.count] as number));
    runs.get(control[Word.session] as number)?.(thread, threads, ...sizes);
  }
}
