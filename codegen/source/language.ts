/** What `import … from "cotangent"` gives while source is read: dsl itself, with an eye on models and on what is differentiated. */
import * as cotangent from "../../dsl/index.ts";
import type { Derivatives } from "./derivatives.ts";
import type { Fn, Reading } from "./scope.ts";

export interface Language {
  readonly names: Readonly<Record<string, unknown>>;
  /** The function that a model was made of. */
  readonly written: (f: unknown) => unknown;
}

export function language(reading: () => Reading, derivatives: () => Derivatives): Language {
  const models = new WeakMap<object, unknown>();
  const library = cotangent as unknown as Readonly<Record<string, unknown>>;
  const model = (f: Fn): unknown => {
    const made = (library.model as Fn)(f) as object;
    models.set(made, f);
    return made;
  };
  /** The derivative becomes part of the graph by dsl's own code; that it was asked for is noted besides. */
  const noting =
    (name: "grad" | "valueAndGrad") =>
    (f: Fn): unknown => {
      const derivative = (library[name] as Fn)(f) as Fn;
      return Object.assign(
        (...args: unknown[]) => {
          derivatives().ask(f, args, reading());
          return derivative(...args);
        },
        { def: derivative },
      );
    };
  return {
    names: { ...library, model, grad: noting("grad"), valueAndGrad: noting("valueAndGrad") },
    written: (f) => (typeof f === "function" ? (models.get(f) ?? f) : f),
  };
}
