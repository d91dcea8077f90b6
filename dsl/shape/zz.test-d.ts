import type { DotGeneral } from "./matmul.ts"; import type {Axes} from "./axes.ts";
export const a: null = null! as {x: DotGeneral<[4,5],[5,7],{readonly contract: readonly [readonly [2], readonly [0]]}>};
export const b: null = null! as {x: Axes<"x", [4,5], [2]>};
