/** Whole small kernels, as a reader of a generated file sees them. */
import {
  type AdamState,
  adam,
  add,
  concat,
  gather,
  grad,
  layerNorm,
  less,
  logicalAnd,
  matmul,
  mean,
  mul,
  neg,
  pad,
  relu,
  softmax,
  squareLoss,
  sum,
  type Tensor,
  transpose,
  valueAndGrad,
  where,
} from "cotangent";
import { expect, test } from "vitest";
import { spec } from "../traced.test-source.ts";
import { kernelsText } from "./text.test-source.ts";

test("softmax: one kernel, a row at a time", () => {
  const soft = (x: Tensor<["B", 5]>) => softmax(x);
  expect(kernelsText("soft", soft, { x: spec(["B", 5]) })).toMatchInlineSnapshot(`
    "function soft_result(f32: Float32Array, B: number, at_x: number, at_exponential: number, at_result: number): void {
      for (let i = 0; i < B; i++) {
        const x_i = at_x + i * 5;
        let max = -Infinity;
        for (let p = 0; p < 5; p++) {
          max = Math.max(max, f32[x_i + p]!);
        }
        const select = Math.abs(max) <= 3.4028234663852886e+38 ? max : 0;
        const exponential_i = at_exponential + i * 5;
        for (let j = 0; j < 5; j++) {
          f32[exponential_i + j] = Math.exp(f32[x_i + j]! - select);
        }
        let sum = 0;
        for (let p = 0; p < 5; p++) {
          sum += f32[exponential_i + p]!;
        }
        const divide = 1 / sum;
        const result_i = at_result + i * 5;
        for (let j = 0; j < 5; j++) {
          f32[result_i + j] = f32[exponential_i + j]! * divide;
        }
      }
    }"
  `);
});

test("relu(x · w + b), odd sizes: a register tile with its epilogue, nothing left over", () => {
  const dense = (x: Tensor<[3, 7]>, w: Tensor<[7, 5]>, b: Tensor<[5]>) => relu(add(matmul(x, w), b));
  expect(kernelsText("dense", dense, { x: spec([3, 7]), w: spec([7, 5]), b: spec([5]) })).toMatchInlineSnapshot(`
    "function dense_result(f32: Float32Array, at_x: number, at_w: number, at_b: number, at_result: number): void {
      for (let j = 0; j < 5; j += 5) {
        for (let i = 0; i < 3; i += 3) {
          const x_i = at_x + i * 7;
          const w_j = at_w + j;
          let dot_general_00 = 0, dot_general_01 = 0, dot_general_02 = 0, dot_general_03 = 0, dot_general_04 = 0, dot_general_10 = 0, dot_general_11 = 0, dot_general_12 = 0, dot_general_13 = 0, dot_general_14 = 0, dot_general_20 = 0, dot_general_21 = 0, dot_general_22 = 0, dot_general_23 = 0, dot_general_24 = 0;
          for (let p = 0; p < 7; p++) {
            const t0 = f32[x_i + p]!;
            const t1 = f32[w_j + p * 5]!;
            const t2 = f32[w_j + p * 5 + 1]!;
            const t3 = f32[w_j + p * 5 + 2]!;
            const t4 = f32[w_j + p * 5 + 3]!;
            const t5 = f32[w_j + p * 5 + 4]!;
            const t6 = f32[x_i + p + 7]!;
            const t7 = f32[x_i + p + 14]!;
            dot_general_00 += t0 * t1;
            dot_general_01 += t0 * t2;
            dot_general_02 += t0 * t3;
            dot_general_03 += t0 * t4;
            dot_general_04 += t0 * t5;
            dot_general_10 += t6 * t1;
            dot_general_11 += t6 * t2;
            dot_general_12 += t6 * t3;
            dot_general_13 += t6 * t4;
            dot_general_14 += t6 * t5;
            dot_general_20 += t7 * t1;
            dot_general_21 += t7 * t2;
            dot_general_22 += t7 * t3;
            dot_general_23 += t7 * t4;
            dot_general_24 += t7 * t5;
          }
          const b_j = at_b + j;
          const result_ij = at_result + i * 5 + j;
          const t8 = dot_general_00 + f32[b_j]!;
          f32[result_ij] = 0 < t8 ? t8 : 0;
          const t9 = dot_general_01 + f32[b_j + 1]!;
          f32[result_ij + 1] = 0 < t9 ? t9 : 0;
          const t10 = dot_general_02 + f32[b_j + 2]!;
          f32[result_ij + 2] = 0 < t10 ? t10 : 0;
          const t11 = dot_general_03 + f32[b_j + 3]!;
          f32[result_ij + 3] = 0 < t11 ? t11 : 0;
          const t12 = dot_general_04 + f32[b_j + 4]!;
          f32[result_ij + 4] = 0 < t12 ? t12 : 0;
          const t13 = dot_general_10 + f32[b_j]!;
          f32[result_ij + 5] = 0 < t13 ? t13 : 0;
          const t14 = dot_general_11 + f32[b_j + 1]!;
          f32[result_ij + 6] = 0 < t14 ? t14 : 0;
          const t15 = dot_general_12 + f32[b_j + 2]!;
          f32[result_ij + 7] = 0 < t15 ? t15 : 0;
          const t16 = dot_general_13 + f32[b_j + 3]!;
          f32[result_ij + 8] = 0 < t16 ? t16 : 0;
          const t17 = dot_general_14 + f32[b_j + 4]!;
          f32[result_ij + 9] = 0 < t17 ? t17 : 0;
          const t18 = dot_general_20 + f32[b_j]!;
          f32[result_ij + 10] = 0 < t18 ? t18 : 0;
          const t19 = dot_general_21 + f32[b_j + 1]!;
          f32[result_ij + 11] = 0 < t19 ? t19 : 0;
          const t20 = dot_general_22 + f32[b_j + 2]!;
          f32[result_ij + 12] = 0 < t20 ? t20 : 0;
          const t21 = dot_general_23 + f32[b_j + 3]!;
          f32[result_ij + 13] = 0 < t21 ? t21 : 0;
          const t22 = dot_general_24 + f32[b_j + 4]!;
          f32[result_ij + 14] = 0 < t22 ? t22 : 0;
        }
      }
    }"
  `);
});

test("a contraction over a run-time number of rows", () => {
  const project = (x: Tensor<["B", 4]>, w: Tensor<[4, 2]>) => matmul(x, w);
  expect(kernelsText("project", project, { x: spec(["B", 4]), w: spec([4, 2]) })).toMatchInlineSnapshot(`
    "function project_result(f32: Float32Array, B: number, at_x: number, at_w: number, at_result: number): void {
      for (let j = 0; j < 2; j += 2) {
        for (let i = 0; i < B; i += 2) {
          const i_1 = Math.min(i + 1, B - 1);
          const x_i = at_x + i * 4;
          const w_j = at_w + j;
          const x_i_1 = at_x + i_1 * 4;
          let result_00 = 0, result_01 = 0, result_10 = 0, result_11 = 0;
          for (let p = 0; p < 4; p++) {
            const t0 = f32[x_i + p]!;
            const t1 = f32[w_j + p * 2]!;
            const t2 = f32[w_j + p * 2 + 1]!;
            const t3 = f32[x_i_1 + p]!;
            result_00 += t0 * t1;
            result_01 += t0 * t2;
            result_10 += t3 * t1;
            result_11 += t3 * t2;
          }
          const result_ij = at_result + i * 2 + j;
          f32[result_ij] = result_00;
          f32[result_ij + 1] = result_01;
          const result_i_1j = at_result + i_1 * 2 + j;
          f32[result_i_1j] = result_10;
          f32[result_i_1j + 1] = result_11;
        }
      }
    }"
  `);
});

test("sum over the leading axis", () => {
  const total = (x: Tensor<["B", 4]>) => sum(x, 0);
  expect(kernelsText("total", total, { x: spec(["B", 4]) })).toMatchInlineSnapshot(`
    "function total_result(f32: Float32Array, B: number, at_x: number, at_result: number): void {
      for (let i = 0; i < 4; i++) {
        const x_i = at_x + i;
        let result = 0;
        for (let p = 0; p < B; p++) {
          result += f32[x_i + p * 4]!;
        }
        f32[at_result + i] = result;
      }
    }"
  `);
});

test("layerNorm: three passes over a row in one kernel", () => {
  const norm = (x: Tensor<["B", 6]>, gain: Tensor<[6]>, bias: Tensor<[6]>) => layerNorm(x, gain, bias);
  expect(kernelsText("norm", norm, { x: spec(["B", 6]), gain: spec([6]), bias: spec([6]) })).toMatchInlineSnapshot(`
    "function norm_result(f32: Float32Array, B: number, at_x: number, at_gain: number, at_bias: number, at_result: number): void {
      for (let i = 0; i < B; i++) {
        const x_i = at_x + i * 6;
        let sum = 0;
        for (let p = 0; p < 6; p++) {
          sum += f32[x_i + p]!;
        }
        const divide = sum / 6;
        let sum2 = 0;
        for (let p = 0; p < 6; p++) {
          const t0 = f32[x_i + p]! - divide;
          sum2 += t0 * t0;
        }
        const divide2 = 1 / Math.sqrt(sum2 / 6 + 0.00001);
        const result_i = at_result + i * 6;
        for (let j = 0; j < 6; j++) {
          f32[result_i + j] = (f32[x_i + j]! - divide) * divide2 * f32[at_gain + j]! + f32[at_bias + j]!;
        }
      }
    }"
  `);
});

test("the gradient of a gather is a scatter-add", () => {
  const embed = (table: Tensor<[10, 4]>, at: Tensor<["B"], "i32">) => sum(gather(table, at));
  expect(kernelsText("embed", grad(embed), { table: spec([10, 4]), at: spec(["B"], "i32") })).toMatchInlineSnapshot(`
    "function embed_broadcast_in_dim(f32: Float32Array, B: number, at_broadcast_in_dim: number): void {
      for (let i = 0; i < B; i++) {
        for (let j = 0; j < 4; j++) {
          f32[at_broadcast_in_dim + i * 4 + j] = 1;
        }
      }
    }

    function embed_d_table(f32: Float32Array, i32: Int32Array, B: number, at_at: number, at_broadcast_in_dim: number, at_d_table: number): void {
      for (let i = 0; i < 10; i++) {
        for (let j = 0; j < 4; j++) {
          f32[at_d_table + i * 4 + j] = 0;
        }
      }
      for (let i = 0; i < B; i++) {
        for (let j = 0; j < 4; j++) {
          const t0 = i32[at_at + i]!;
          if (0 <= t0 && t0 < 10) f32[at_d_table + j + t0 * 4]! += f32[at_broadcast_in_dim + i * 4 + j]!;
        }
      }
    }"
  `);
});

test("concat and pad: one pass, guarded loads", () => {
  const join = (x: Tensor<["B", 2]>, y: Tensor<["B", 3]>) =>
    pad(
      concat([x, y], 1),
      [
        [0, 0],
        [1, 2],
      ],
      -1,
    );
  expect(kernelsText("join", join, { x: spec(["B", 2]), y: spec(["B", 3]) })).toMatchInlineSnapshot(`
    "function join_result(f32: Float32Array, B: number, at_x: number, at_y: number, at_result: number): void {
      for (let i = 0; i < B; i++) {
        for (let j = 0; j < 8; j++) {
          f32[at_result + i * 8 + j] = 0 <= j - 1 && j - 1 < 5 ? (j - 1 < 2 ? f32[at_x + i * 2 + j - 1]! : f32[at_y + i * 3 + j - 3]!) : -1;
        }
      }
    }"
  `);
});

test("a step with adam: the update is in the kernel of the gradient, in place", () => {
  const step = (s: { w: Tensor<[3]>; opt: AdamState<{ w: Tensor<[3]> }> }, x: Tensor<["B", 3]>, lr: number) => {
    const loss = (p: { w: Tensor<[3]> }, x: Tensor<["B", 3]>) => mean(squareLoss(mul(x, p.w), 1));
    const { value, grad: g } = valueAndGrad(loss)({ w: s.w }, x);
    const [p, opt] = adam({ w: s.w }, g, s.opt, { lr });
    return [{ w: p.w, opt }, value] as const;
  };
  const opt = { step: spec([], "i32"), m: { w: spec([3]) }, v: { w: spec([3]) } };
  expect(kernelsText("step", step, { s: { w: spec([3]), opt }, x: spec(["B", 3]), lr: "number" })).toMatchInlineSnapshot(`
    "function step_multiply(f32: Float32Array, B: number, at_multiply: number): void {
      f32[at_multiply] = 1 / B * 0.3333333432674408;
    }

    function step_opt_step(f32: Float32Array, i32: Int32Array, at_s_opt_step: number, at_lr: number, at_divide: number, at_divide_2: number): void {
      const opt_step = i32[at_s_opt_step]! + 1 | 0;
      i32[at_s_opt_step] = opt_step;
      f32[at_divide] = f32[at_lr]! / (1 - Math.pow(0.9, opt_step));
      f32[at_divide_2] = 1 / Math.sqrt(1 - Math.pow(0.999, opt_step));
    }

    function step_output(f32: Float32Array, B: number, at_x: number, at_s_w: number, at_output: number): void {
      let sum = 0;
      for (let p = 0; p < B; p++) {
        for (let q = 0; q < 3; q++) {
          const t0 = f32[at_x + p * 3 + q]! * f32[at_s_w + q]! - 1;
          sum += t0 * t0;
        }
      }
      f32[at_output] = sum / 3 / B;
    }

    function step_w(f32: Float32Array, B: number, at_multiply: number, at_x: number, at_s_w: number, at_s_opt_m_w: number, at_s_opt_v_w: number, at_divide: number, at_divide_2: number): void {
      for (let i = 0; i < 3; i++) {
        const x_i = at_x + i;
        const s_w_i = at_s_w + i;
        let d_s_w = 0;
        for (let p = 0; p < B; p++) {
          const t0 = f32[x_i + p * 3]!;
          const t1 = f32[at_multiply]! * (t0 * f32[s_w_i]! - 1);
          d_s_w += (t1 + t1) * t0;
        }
        const opt_m_w = f32[at_s_opt_m_w + i]! * 0.9 + d_s_w * 0.09999999999999998;
        const opt_v_w = f32[at_s_opt_v_w + i]! * 0.999 + d_s_w * d_s_w * 0.0010000000000000009;
        f32[at_s_opt_m_w + i] = opt_m_w;
        f32[at_s_opt_v_w + i] = opt_v_w;
        f32[s_w_i] = f32[s_w_i]! - opt_m_w * f32[at_divide]! / (Math.sqrt(opt_v_w) * f32[at_divide_2]! + 1e-8);
      }
    }"
  `);
});

test("integers and truth values: i32 wraps, a bool takes a word", () => {
  const pick = (x: Tensor<["B"], "i32">, flag: Tensor<["B"], "bool">) => {
    const small = logicalAnd(flag, less(x, 3));
    return [small, where(small, mul(add(x, 7), x), neg(x))] as const;
  };
  expect(kernelsText("pick", pick, { x: spec(["B"], "i32"), flag: spec(["B"], "bool") })).toMatchInlineSnapshot(`
    "function pick_output_1(i32: Int32Array, B: number, at_flag: number, at_x: number, at_output_0: number, at_output_1: number): void {
      for (let i = 0; i < B; i++) {
        const t0 = i32[at_x + i]!;
        const output_0_value = i32[at_flag + i]! !== 0 && t0 < 3;
        i32[at_output_0 + i] = output_0_value ? 1 : 0;
        i32[at_output_1 + i] = output_0_value ? Math.imul(t0 + 7 | 0, t0) : -t0 | 0;
      }
    }"
  `);
});

test("a transposed operand is read where it lies", () => {
  const gram = (x: Tensor<["B", 3]>) => matmul(transpose(x), x);
  expect(kernelsText("gram", gram, { x: spec(["B", 3]) })).toMatchInlineSnapshot(`
    "function gram_result(f32: Float32Array, B: number, at_x: number, at_result: number): void {
      for (let j = 0; j < 3; j += 3) {
        for (let i = 0; i < 3; i += 3) {
          const x_i = at_x + i;
          const x_j = at_x + j;
          let result_00 = 0, result_01 = 0, result_02 = 0, result_10 = 0, result_11 = 0, result_12 = 0, result_20 = 0, result_21 = 0, result_22 = 0;
          for (let p = 0; p < B; p++) {
            const t0 = f32[x_i + p * 3]!;
            const t1 = f32[x_j + p * 3]!;
            const t2 = f32[x_j + p * 3 + 1]!;
            const t3 = f32[x_j + p * 3 + 2]!;
            const t4 = f32[x_i + p * 3 + 1]!;
            const t5 = f32[x_i + p * 3 + 2]!;
            result_00 += t0 * t1;
            result_01 += t0 * t2;
            result_02 += t0 * t3;
            result_10 += t4 * t1;
            result_11 += t4 * t2;
            result_12 += t4 * t3;
            result_20 += t5 * t1;
            result_21 += t5 * t2;
            result_22 += t5 * t3;
          }
          const result_ij = at_result + i * 3 + j;
          f32[result_ij] = result_00;
          f32[result_ij + 1] = result_01;
          f32[result_ij + 2] = result_02;
          f32[result_ij + 3] = result_10;
          f32[result_ij + 4] = result_11;
          f32[result_ij + 5] = result_12;
          f32[result_ij + 6] = result_20;
          f32[result_ij + 7] = result_21;
          f32[result_ij + 8] = result_22;
        }
      }
    }"
  `);
});
