/** A module's models as functions and sessions on a GPU: as `../session.ts` makes them of what is in this process. */
import type { CompiledModule } from "../../dsl/compiled.ts";
import { machine, type Plan, type Sizes } from "../session.ts";
import type { Gpu } from "./device.ts";
import { type Dispatch, GpuEngine, type Reading } from "./engine.ts";
import { Output, Result } from "./tensor.ts";

export function link<M>(
  gpu: Gpu,
  plans: Readonly<Record<string, Plan>>,
  dispatches: Readonly<Record<string, readonly Dispatch[]>>,
): CompiledModule<M> {
  const models = Object.entries(plans).map(([name, plan]) => [name, compiled(gpu, name, plan, dispatches[name]!)]);
  return Object.fromEntries(models) as CompiledModule<M>;
}

function compiled(gpu: Gpu, name: string, plan: Plan, dispatches: readonly Dispatch[]): unknown {
  const { params, result, noStep, carry } = plan;
  const open = (max?: Sizes) => {
    const engine = new GpuEngine(gpu, name, plan.dims.length, dispatches);
    return { engine, ...machine(name, plan, engine, max) };
  };

  let own: ReturnType<typeof open> | undefined;
  const call = (...args: unknown[]): unknown => {
    const { engine, take, run, tree } = (own ??= open());
    return engine.commands.together(() => {
      take(args, 0);
      run();
      return tree(result, (leaf) => new Result(engine, leaf));
    });
  };

  const start = (from: unknown, options?: { readonly max?: Sizes }): unknown => {
    if (noStep) throw new Error(`${name}: not a step: ${noStep}`);
    const { engine, take, run, tree, copy } = open(options?.max);
    take([from], 0, 1);
    const step = (...inputs: unknown[]): unknown => {
      take(inputs, 1);
      run();
      return tree((result as readonly unknown[])[1], (leaf) => new Output(engine, leaf));
    };
    return {
      step,
      /** One submit. */
      run(batches: readonly (readonly unknown[])[]): unknown {
        let output: unknown;
        engine.commands.together(() => {
          for (const inputs of batches) output = step(...inputs);
        });
        return output;
      },
      async carry(): Promise<unknown> {
        const readings: Reading[] = [];
        tree(params[0], (leaf) => readings.push({ leaf, region: engine.arena.read(leaf) }));
        const data = (await engine.fetch(readings)).values();
        return tree(params[0], (leaf) => copy(leaf, data.next().value));
      },
    };
  };
  return carry > 0 || noStep ? Object.assign(call, { start }) : call;
}
