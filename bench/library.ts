/** What takes part in a race. A target of ours and a peer are the same thing to the benchmark: a library that does some of its works. */
export interface Library {
  readonly name: string;
  readonly version: string;
  trainMlp(task: MlpTask): Promise<Contender>;
  multiply(task: MatmulTask): Promise<Contender>;
}

/** One library, ready for one work: data loaded, nothing run yet. */
export interface Contender {
  /** Before each of its rounds. Libraries with one global backend switch to theirs here. */
  enter?(): Promise<unknown>;
  /** It works on more threads than the one that calls it. */
  readonly threaded?: boolean;
  /** The work, once. What it computes stays where the library likes to have it; a promise is awaited inside the clock. */
  run(): unknown;
  /** What the runs so far have computed, row-major, on the host. */
  result(): Promise<readonly Float32Array[]>;
}

/** One run is one full step (forward, backward, SGD) on the same batch: x `[B, 784]`, relu, mean softmax cross-entropy. The result is W₁, b₁, W₂, b₂. */
export interface MlpTask {
  readonly batch: number;
  readonly lr: number;
  readonly params: MlpParams;
  readonly images: Float32Array;
  readonly labels: Int32Array;
}
export interface MlpParams {
  readonly hidden: { readonly w: Float32Array; readonly b: Float32Array };
  readonly out: { readonly w: Float32Array; readonly b: Float32Array };
}

/** One run is one product `[n, n] · [n, n]`, which is the result. */
export interface MatmulTask {
  readonly n: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** What a page that trains exports: W₁, b₁, W₂, b₂ after so many steps. */
export type Train = (task: MlpTask, steps: number) => Promise<readonly Float32Array[]>;
