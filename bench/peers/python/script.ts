import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Absent } from "../../absent.ts";

type Message = Readonly<Record<string, unknown>>;

/** A script of this folder under way. It answers each line of JSON with one; arrays are base64. */
export interface Script {
  readonly interpreter: string;
  /** What it said first: its version, or what it lacks. */
  readonly hello: Message;
  ask(message: Message): Promise<Message>;
  close(): void;
}

/** `COTANGENT_PYTHON` names the interpreter, as that of a virtual environment; else it is the `python3` on the path. A script ends when its input does. */
export async function startScript(name: string): Promise<Script> {
  const interpreter = process.env.COTANGENT_PYTHON ?? "python3";
  const file = join(import.meta.dirname, name);
  const child = spawn(interpreter, [file], { env: environment(), stdio: ["pipe", "pipe", "inherit"] });
  const [stdin, stdout] = [child.stdin as Socket, child.stdout as Socket];
  await once(child, "spawn").catch((error: Error) => {
    throw new Absent(error.message);
  });
  child.unref();
  stdin.unref();

  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Message> => {
    stdout.ref();
    const { value, done } = await lines.next();
    stdout.unref();
    if (done) throw new Error(`${name}: ended early`);
    return JSON.parse(value, decodeArrays) as Message;
  };
  return {
    interpreter,
    hello: await answer(),
    ask(message) {
      stdin.write(`${JSON.stringify(message, encodeArrays)}\n`);
      return answer();
    },
    close: () => stdin.end(),
  };
}

/** One thread. And the OpenBLAS that the processor calls for: some machines hold it to an older one for the sake of old builds. */
function environment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...rest } = process.env;
  return { ...rest, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1" };
}

const encodeArrays = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") } : value;

function decodeArrays(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("base64" in value)) return value;
  return new Float32Array(Uint8Array.from(Buffer.from(value.base64 as string, "base64")).buffer);
}
