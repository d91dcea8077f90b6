import { Absent } from "../../absent.ts";
import type { Contender, Does, Library } from "../../library.ts";
import { startScript } from "./script.ts";

/** A native library behind `<name>_peer.py`, which does these works: one thread, a process for each contender, timed by that process's own CPU clock. */
export async function pythonLibrary<Work extends keyof Does>(name: string, works: readonly Work[]): Promise<Library> {
  const { hello, close } = await start(name);
  close();
  const contender = async (work: Work, task: object): Promise<Contender> => {
    const { ask } = await start(name);
    await ask({ work, task });
    const time = async (runs: number): Promise<number> => (await ask({ runs })).seconds as number;
    return { run: () => time(1), time, result: async () => (await ask({ result: true })).arrays as Float32Array[] };
  };
  const does = Object.fromEntries(works.map((work) => [work, (task: object) => contender(work, task)]));
  return { name, version: hello.version as string, does };
}

async function start(name: string) {
  const script = await startScript(`${name}_peer.py`);
  if (script.hello.absent === undefined) return script;
  throw new Absent(`${script.interpreter}: ${script.hello.absent}`);
}
