/** The operands of a product on their way through workgroup memory: each invocation brings a block of 4 rows, or columns, by 4 steps. */
import { int, modulo, over, plus, times } from "./arithmetic.ts";
import { type Code, code, level } from "./code.ts";
import type { TilePlace } from "./contraction.ts";
import { laneNumber } from "./loops.ts";
import { emitBase, emitFetch, goesByBatch } from "./operand.ts";
import type { Operand, Product } from "./product.ts";
import { type Choice, invocationsOf, pitchOf, type Tile } from "./tiles.ts";
import type { Writer } from "./writer.ts";

export class Fetch {
  /** The array in workgroup memory, of vectors: of each step the left operand's rows and then the right one's columns. */
  readonly tiles: string;
  readonly #w: Writer;
  readonly #tile: Tile;
  /** The step at which the first turn begins. */
  readonly #start: Code;
  /** Functions that read a block of the left operand, and of the right one. */
  readonly #fetches: readonly [string, string];
  /** Invocations that read the left operand, and those that read either. */
  readonly #readers: readonly [left: number, both: number];
  /** Of this invocation's block: where it is read from; its first step; its place among a step's vectors; what has been read. */
  readonly #base: string;
  readonly #step: string;
  readonly #place: string;
  readonly #next: string;

  constructor(w: Writer, { left, right, batches, steps }: Product, { tile, parts }: Choice, place: TilePlace, start: Code) {
    const { module } = w;
    [this.#w, this.#tile, this.#start] = [w, tile, start];
    const blocks = (size: number): number => (size / 4) * (tile.steps / 4);
    this.#readers = [blocks(tile.rows), blocks(tile.rows) + blocks(tile.columns)];
    if (this.#readers[1] > invocationsOf(tile)) throw new Error("internal: a tile that its invocations cannot fetch");
    this.tiles = module.names.fresh("tiles");
    const [a, b] = [left, right].map(({ source }) => module.nameOf(source));
    module.declare(
      "",
      `// ${tile.steps} steps of the sum: ${tile.rows} rows of ${a}, then ${tile.columns} columns of ${b}. One half is filled while the other is read.`,
      `var<workgroup> ${this.tiles}: array<vec4<f32>, ${2 * tile.steps * pitchOf(tile)}>;`,
    );
    const bases = [emitBase(module, left, batches, "rows"), emitBase(module, right, batches, "columns")] as const;
    const multiple = tile.steps * parts;
    this.#fetches = [emitFetch(module, left, steps, multiple), emitFetch(module, right, steps, multiple)];

    [this.#base, this.#step, this.#place] = ["base", "step", "place"].map((wish) => w.names.fresh(wish)) as [string, string, string];
    w.line(`var ${this.#base}: vec4<i32>;`, `var ${this.#step}: i32;`, `var ${this.#place}: i32;`);
    const begin = (operand: Operand, base: string, size: number, block: Code, first: Code): void => {
      this.#setBlock(operand, size, block);
      const from = plus(first, code(`${this.#place} * 4`, level.product));
      const list = [...(goesByBatch(operand, batches) ? place.batch : []), from].map(({ text }) => text);
      w.line(`${this.#base} = ${base}(${list.join(", ")});`);
    };
    w.either(
      this.#isLeft,
      () => begin(left, bases[0], tile.rows, laneNumber, place.row),
      () => {
        begin(right, bases[1], tile.columns, code(`i32(lane) - ${this.#readers[0]}`, level.sum), place.column);
        w.line(`${this.#place} += ${tile.rows / 4};`);
      },
    );
    this.#next = w.var("next", code("mat4x4<f32>()")).text;
  }

  get #isLeft(): string {
    return `lane < ${this.#readers[0]}u`;
  }

  /** Which block it is: neighbours read what lies side by side. */
  #setBlock({ wide }: Operand, size: number, block: Code): void {
    const inSteps = wide === "steps";
    const length = int((inSteps ? this.#tile.steps : size) / 4);
    const [fast, slow] = [modulo(block, length), over(block, length)];
    this.#w.line(`${this.#step} = ${times(inSteps ? fast : slow, int(4)).text};`, `${this.#place} = ${(inSteps ? slow : fast).text};`);
  }

  /** Reads this invocation's block of a turn. */
  read(turn: Code): void {
    const step = plus(plus(this.#start, times(turn, int(this.#tile.steps))), code(this.#step)).text;
    const [left, right] = this.#fetches.map((fetch) => (): void => this.#w.line(`${this.#next} = ${fetch}(${this.#base}, ${step});`));
    this.#w.either(this.#isLeft, left as () => void, right as () => void);
  }

  /** Where the half of workgroup memory begins that belongs to a turn. */
  half(turn: Code): Code {
    return times(code(`(${turn.text} & 1)`), int(this.#tile.steps * pitchOf(this.#tile)));
  }

  /** Writes it into its half. */
  write(turn: Code): void {
    const w = this.#w;
    const pitch = pitchOf(this.#tile);
    const [, readers] = this.#readers;
    w.where(readers < invocationsOf(this.#tile) ? [code(`lane < ${readers}u`, level.relation)] : [], () => {
      const at = w.let("at", plus(plus(this.half(turn), times(code(this.#step), int(pitch))), code(this.#place)));
      for (const k of [0, 1, 2, 3]) w.line(`${this.tiles}[${plus(at, int(k * pitch)).text}] = ${this.#next}[${k}];`);
    });
  }
}
