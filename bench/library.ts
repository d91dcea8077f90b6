/** What takes part in a race. A target of ours and a peer are the same thing to the benchmark: a library that does some of its works. */
export interface Library {
  readonly name: string;
  readonly version: string;
  readonly does: Does;
}

/** What a library can be asked for, by the task's data. */
export type Does = { readonly [Work in keyof Tasks]?: (task: Tasks[Work]) => Promise<Contender> };

export interface Tasks {
  readonly matmul: MatmulTask;
  readonly mlp: MlpTask;
  readonly adam: AdamTask;
  readonly cnn: CnnTask;
  readonly chain: ChainTask;
  readonly softmax: RowsTask;
  readonly exp: RowsTask;
  readonly layerNorm: LayerNormTask;
}

/** One library, ready for one work: data loaded, nothing run yet. */
export interface Contender {
  /** Before each of its rounds. Libraries with one global backend switch to theirs here. */
  enter?(): Promise<unknown>;
  /** It works on more threads than the one that calls it. */
  readonly threaded?: boolean;
  /** The work, once. What it computes stays where the library likes to have it; a promise is awaited inside the clock. */
  run(): unknown;
  /** Does the work so many times; seconds on its own thread's clock. For one that lives in another process. */
  time?(runs: number): Promise<number>;
  /** What the runs so far have computed, row-major, on the host. */
  result(): Promise<readonly Float32Array[]>;
}

/** One run is one product `[n, n] · [n, n]`, which is the result. */
export interface MatmulTask {
  readonly n: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  /** 1 where nothing is said. */
  readonly threads?: number;
}

/** Weights and their bias `[n]`, row-major: `[m, n]` of a dense layer, `[3, 3, in, n]` of a convolution. */
export interface Layer {
  readonly w: Float32Array;
  readonly b: Float32Array;
}

/** What a training step learns from. */
export interface Batch {
  readonly batch: number;
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

/** One run is one full step (forward, backward, SGD) on the same batch. The result is W and b of each layer in turn. */
export interface TrainTask extends Batch {
  readonly layers: readonly Layer[];
  readonly lr: number;
}

/** x `[B, sizes[0]]`, dense layers, relu between them, mean softmax cross-entropy. */
export interface MlpTask extends TrainTask {
  /** `[784, 128, 10]`: the widths before, between and after the layers. */
  readonly sizes: readonly number[];
}

/**
 * x `[B, 28, 28, 1]`; twice a 3×3 convolution with zeros around (to 8, then 16 channels), relu, the maximum of 2×2; a dense layer
 * `[7·7·16, 10]`; mean softmax cross-entropy.
 */
export interface CnnTask extends TrainTask {
  readonly layers: readonly [Layer, Layer, Layer];
}

/** One run is one step of Adam on the network of two layers: batches take turns, every `lossEvery`th loss is read. The result is m, then v, each like the parameters. */
export interface AdamTask {
  readonly layers: readonly Layer[];
  readonly batches: readonly Batch[];
  readonly lr: number;
  readonly lossEvery: number;
}

/** One run is max(x·a + b, 0) − x, elementwise. */
export interface ChainTask {
  readonly x: Float32Array;
  readonly a: number;
  readonly b: number;
}

/** One run is a function of rows of 1024. */
export interface RowsTask {
  readonly rows: number;
  readonly x: Float32Array;
}

/** One run is layer normalisation of rows of 1024 (the first result) and its backward pass: the cotangents of x, gain and bias for the cotangent `ct` of the result. */
export interface LayerNormTask extends RowsTask {
  readonly gain: Float32Array;
  readonly bias: Float32Array;
  readonly ct: Float32Array;
}

/** What a page that trains exports: W₁, b₁, W₂, b₂ after so many steps. */
export type Train = (task: MlpTask, steps: number) => Promise<readonly Float32Array[]>;
