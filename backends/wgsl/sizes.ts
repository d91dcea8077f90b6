/** Dims as WGSL, in one function: sizes are read at its head. */
import { termsOfDim } from "../../dsl/dim.ts";
import type { Dim } from "../../dsl/types.ts";
import { type Code, code, level } from "./code.ts";
import type { Module } from "./module.ts";

export class Sizes {
  readonly #module: Module;
  readonly #used = new Set<number>();
  constructor(module: Module) {
    this.#module = module;
  }

  /** By the sizes of this call. */
  size(dim: Dim): Code {
    return this.#polynomial(dim, 0);
  }
  /** By those that there is room for. */
  room(dim: Dim): Code {
    return this.#polynomial(dim, this.#module.dims.length);
  }
  /** What all that was asked for needs. */
  head(): string[] {
    return [...this.#used].sort((a, b) => a - b).map((at) => `let ${this.#module.sizeName(at)} = sizes[${at >> 2}].${"xyzw"[at & 3]};`);
  }

  /** What is added first, then what is taken away. */
  #polynomial(dim: Dim, from: number): Code {
    const terms = termsOfDim(dim).sort((a, b) => Number(a.coefficient < 0) - Number(b.coefficient < 0));
    const texts = terms.map(({ coefficient, names }, k) => {
      const size = Math.abs(coefficient);
      const factors = [...(size === 1 && names.length > 0 ? [] : [size]), ...names.map((name) => this.#name(name, from))];
      return `${k === 0 ? (coefficient < 0 ? "-" : "") : coefficient < 0 ? " - " : " + "}${factors.join(" * ")}`;
    });
    const text = texts.join("") || "0";
    return code(
      text,
      texts.length > 1 ? level.sum : text.includes("*") ? level.product : text.startsWith("-") ? level.unary : level.primary,
    );
  }

  #name(dim: string, from: number): string {
    const at = from + this.#module.dims.indexOf(dim);
    this.#used.add(at);
    return this.#module.sizeName(at);
  }
}
