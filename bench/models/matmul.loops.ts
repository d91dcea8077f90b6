// provisional
import { type Arena, define, type Leaf } from "cotangent/loops";
import type * as source from "./matmul.ts";

function product_result(f32: Float32Array, K: number, M: number, N: number, at_a: number, at_b: number, at_result: number): void {
  let j = 0;
  for (; j + 4 <= N; j += 4) {
    let i = 0;
    for (; i + 2 <= M; i += 2) {
      let result_00 = 0, result_01 = 0, result_02 = 0, result_03 = 0, result_10 = 0, result_11 = 0, result_12 = 0, result_13 = 0;
      for (let p = 0; p < K; p++) {
        const t0 = f32[at_a + i * K + p]!;
        const t1 = f32[at_b + p * N + j]!;
        const t2 = f32[at_b + p * N + (j + 1)]!;
        const t3 = f32[at_b + p * N + (j + 2)]!;
        const t4 = f32[at_b + p * N + (j + 3)]!;
        const t5 = f32[at_a + (i + 1) * K + p]!;
        result_00 += t0 * t1;
        result_01 += t0 * t2;
        result_02 += t0 * t3;
        result_03 += t0 * t4;
        result_10 += t5 * t1;
        result_11 += t5 * t2;
        result_12 += t5 * t3;
        result_13 += t5 * t4;
      }
      f32[at_result + i * N + j] = result_00;
      f32[at_result + i * N + (j + 1)] = result_01;
      f32[at_result + i * N + (j + 2)] = result_02;
      f32[at_result + i * N + (j + 3)] = result_03;
      f32[at_result + (i + 1) * N + j] = result_10;
      f32[at_result + (i + 1) * N + (j + 1)] = result_11;
      f32[at_result + (i + 1) * N + (j + 2)] = result_12;
      f32[at_result + (i + 1) * N + (j + 3)] = result_13;
    }
    for (; i < M; i++) {
      let result_0 = 0, result_1 = 0, result_2 = 0, result_3 = 0;
      for (let p = 0; p < K; p++) {
        const t6 = f32[at_a + i * K + p]!;
        const t7 = f32[at_b + p * N + j]!;
        const t8 = f32[at_b + p * N + (j + 1)]!;
        const t9 = f32[at_b + p * N + (j + 2)]!;
        const t10 = f32[at_b + p * N + (j + 3)]!;
        result_0 += t6 * t7;
        result_1 += t6 * t8;
        result_2 += t6 * t9;
        result_3 += t6 * t10;
      }
      f32[at_result + i * N + j] = result_0;
      f32[at_result + i * N + (j + 1)] = result_1;
      f32[at_result + i * N + (j + 2)] = result_2;
      f32[at_result + i * N + (j + 3)] = result_3;
    }
  }
  for (; j < N; j++) {
    let i = 0;
    for (; i + 2 <= M; i += 2) {
      let result_0 = 0, result_1 = 0;
      for (let p = 0; p < K; p++) {
        const t11 = f32[at_a + i * K + p]!;
        const t12 = f32[at_b + p * N + j]!;
        const t13 = f32[at_a + (i + 1) * K + p]!;
        result_0 += t11 * t12;
        result_1 += t13 * t12;
      }
      f32[at_result + i * N + j] = result_0;
      f32[at_result + (i + 1) * N + j] = result_1;
    }
    for (; i < M; i++) {
      let result = 0;
      for (let p = 0; p < K; p++) {
        result += f32[at_a + i * K + p]! * f32[at_b + p * N + j]!;
      }
      f32[at_result + i * N + j] = result;
    }
  }
}

function product_run({ f32 }: Arena, d: readonly number[], max: readonly number[]): void {
  const K = d[0]!;
  const M = d[1]!;
  const N = d[2]!;
  const K_max = max[0]!;
  const M_max = max[1]!;
  const N_max = max[2]!;
  const at_a = 0;
  const at_b = K_max * M_max;
  const at_result = K_max * M_max + K_max * N_max;
  product_result(f32, K, M, N, at_a, at_b, at_result);
}

const product_plan = {
  params: [0, 1],
  result: 2,
  step: false,
  dims: [["K", 0, 1, 1], ["M", 0, 0, 1], ["N", 1, 1, 1]],
  leaves: (d: readonly number[], max: readonly number[]): Leaf[] => [
    ["a", "f32", 0, [d[1]!, d[0]!]],
    ["b", "f32", max[0]! * max[1]!, [d[0]!, d[2]!]],
    ["result", "f32", max[0]! * max[1]! + max[0]! * max[2]!, [d[1]!, d[2]!]],
  ],
  bytes: (max: readonly number[]): number => 4 * max[0]! * max[1]! + 4 * max[0]! * max[2]! + 4 * max[1]! * max[2]!,
  run: product_run,
} as const;

const load: ReturnType<typeof define<typeof source>> = define<typeof source>({
  product: product_plan,
});
export default load;
