/**
 * Sizes that types leave open: `number`. While a function is read each has a name that no one can write, `x.0` for axis 0 of `x`. Where a rule
 * wants such a size to be equal to another, it is; then the function is read again with that in its place, until there is nothing to find.
 */
import { assuming } from "../../dsl/agree.ts";
import { divDims, mulDims, namesOfDim, solveDim, substituteDim } from "../../dsl/dim.ts";
import { leavesOf, mapTree } from "../../dsl/tree.ts";
import type { Dim } from "../../dsl/types.ts";
import { isValue, type Origin } from "../../dsl/value.ts";
import { type Equality, isOpen, joinPath, leafName, tensorSpec } from "../graph.ts";
import { originOf } from "./call.ts";
import type { Reading } from "./scope.ts";

export interface OpenSizes {
  /** The specs of a parameter, with a name for each open size, or what it is found to be. */
  named(param: string, specs: unknown): unknown;
  /** What was found, of the sizes that were named. */
  equalities(): Equality[];
  /** Whether it is a name here, or in the function around this one. */
  has(name: string): boolean;
}
/** By name, what is found of the open sizes of one function. */
type Found = Map<string, { readonly is: Dim; readonly to?: string; readonly origin: Origin }>;

/**
 * What `read` gives once nothing more is found out about the sizes that it names. `mark` gives what undoes a reading. `apart`: no name is one of
 * the functions around this one.
 */
export function settled<T>(reading: Reading, mark: () => () => void, read: (open: OpenSizes) => T, apart = false): T {
  const found: Found = new Map();
  const { budget, open: outer } = reading;
  for (;;) {
    const [before, undo] = [found.size, mark()];
    const round = roundOf(reading, found, outer, apart);
    reading.open = round;
    try {
      const made = assuming(round.assumptions, () => read(round));
      if (found.size === before) return made;
    } catch (error) {
      if (found.size === before || round.contradicted()) throw error;
    } finally {
      reading.open = outer;
    }
    undo();
    reading.budget = budget;
  }
}

interface Round extends OpenSizes {
  readonly assumptions: Parameters<typeof assuming>[0];
  /** Whether a size would have to be two. */
  contradicted(): boolean;
}

/** One reading. Names are given in the same order each time, so a name stands for the same axis. */
function roundOf(reading: Reading, found: Found, outer: OpenSizes | undefined, apart: boolean): Round {
  const places = new Map<string, { readonly path: string; readonly axis: number }>();
  let contradicted = false;

  const find = (name: string, is: Dim, to?: string): void => {
    found.set(name, { is, ...(to !== undefined && { to }), origin: originOf(reading.site, reading) });
  };
  const resolve = (dim: Dim): Dim => {
    const next = substituteDim(dim, new Map([...found].map(([name, { is }]) => [name, is])));
    return next === dim ? dim : resolve(next);
  };
  /** Of these sizes, the names that are open here; the one that was given last comes first, so that a carry keeps its own. */
  const openIn = (...dims: readonly Dim[]): string[] => {
    const names = new Set(dims.flatMap(namesOfDim).filter(isOpen));
    const own = (name: string): boolean => places.has(name.split(".", 2).join("."));
    const order = [...places.keys()];
    const age = (name: string): number => order.indexOf(name.split(".", 2).join("."));
    return [...names].filter(own).sort((a, b) => age(b) - age(a));
  };
  const has = (name: string): boolean => places.has(name) || (outer?.has(name) ?? false);
  const nameFor = (path: string, axis: number): string => {
    const base = leafName(path).replace(/^(?![A-Za-z_$])/, "_");
    const free = (n: number): string => {
      const wish = `${n === 1 ? base : `${base}_${n}`}.${axis}`;
      return (apart ? has(wish) : places.has(wish)) ? free(n + 1) : wish;
    };
    const name = free(1);
    places.set(name, { path, axis });
    return name;
  };
  const inWords = (dim: Dim): string => {
    const place = places.get(String(dim));
    return place ? `axis ${place.axis} of ${place.path}` : String(dim);
  };
  const contradiction = (a: Dim, b: Dim): Error => {
    contradicted = true;
    const side = (dim: Dim): string => {
      const is = resolve(dim);
      const origin = found.get(String(dim))?.origin;
      return is === dim ? `here ${dim}` : `${inWords(dim)} is ${is}${origin ? ` (${origin.file}:${origin.line})` : ""}`;
    };
    const [first, second] = resolve(a) === a ? [b, a] : [a, b];
    return new Error(`sizes differ: ${side(first)}, ${side(second)}`);
  };
  return {
    named: (param, specs) => {
      const paths = leavesOf(specs).map(({ path }) => joinPath(param, path));
      let k = 0;
      return mapTree((spec) => {
        const path = paths[k++] as string;
        if (!isValue(spec) || !spec.shape.some(isOpen)) return spec;
        const shape = spec.shape.map((dim, axis) => (isOpen(dim) ? resolve(nameFor(path, axis)) : dim));
        return tensorSpec(shape, spec.dtype);
      }, specs);
    },
    equalities: () =>
      [...found].flatMap(([name, { is, to, origin }]) => {
        const place = places.get(name);
        return place ? [{ ...place, to: to ?? (places.has(String(is)) ? `as long as ${inWords(is)}` : String(is)), origin }] : [];
      }),
    has,
    assumptions: (before) => ({
      agree: (a, b) => {
        const [x, y] = [resolve(a), resolve(b)];
        if (x === y) return true;
        for (const name of openIn(x, y)) {
          const is = solveDim(x, y, name);
          if (is === undefined) continue;
          find(name, is);
          return true;
        }
        if (before?.agree(x, y)) return true;
        if ((x !== a || y !== b) && !isOpen(x) && !isOpen(y)) throw contradiction(a, b);
        return false;
      },
      // 3·x.0 / 2 is 3·x.0.2, where x.0.2 is half of x.0, for which x.0 has to be a multiple of 2.
      divide: (a, b) => {
        const [x, y] = [resolve(a), resolve(b)];
        const known = divDims(x, y);
        if (known !== undefined || typeof y !== "number" || y === 0) return known;
        for (const name of openIn(x)) {
          const coefficient = divDims(x, name);
          if (coefficient === undefined) continue;
          let least = 1;
          while (divDims(mulDims(coefficient, least), y) === undefined) least++;
          const part = `${name}.${least}`;
          find(name, mulDims(least, part), `a multiple of ${least}`);
          return divDims(mulDims(coefficient, mulDims(least, part)), y);
        }
        return before?.divide(x, y);
      },
    }),
    contradicted: () => contradicted,
  };
}
