// provisional
import { type Arena, define, type Leaf } from "cotangent/loops";
import type * as source from "./mlp.ts";

function sgdStep_select(f32: Float32Array, i32: Int32Array, B: number, at_x: number, at_p_hidden_w: number, at_p_hidden_b: number, at_less: number, at_select: number): void {
  for (let j = 0; j < 128; j += 4) {
    let i = 0;
    for (; i + 2 <= B; i += 2) {
      let dot_general_00 = 0, dot_general_01 = 0, dot_general_02 = 0, dot_general_03 = 0, dot_general_10 = 0, dot_general_11 = 0, dot_general_12 = 0, dot_general_13 = 0;
      for (let p = 0; p < 784; p++) {
        const t0 = f32[at_x + i * 784 + p]!;
        const t1 = f32[at_p_hidden_w + p * 128 + j]!;
        const t2 = f32[at_p_hidden_w + p * 128 + (j + 1)]!;
        const t3 = f32[at_p_hidden_w + p * 128 + (j + 2)]!;
        const t4 = f32[at_p_hidden_w + p * 128 + (j + 3)]!;
        const t5 = f32[at_x + (i + 1) * 784 + p]!;
        dot_general_00 += t0 * t1;
        dot_general_01 += t0 * t2;
        dot_general_02 += t0 * t3;
        dot_general_03 += t0 * t4;
        dot_general_10 += t5 * t1;
        dot_general_11 += t5 * t2;
        dot_general_12 += t5 * t3;
        dot_general_13 += t5 * t4;
      }
      const t6 = dot_general_00 + f32[at_p_hidden_b + j]!;
      const less_00 = 0 < t6;
      const t7 = dot_general_01 + f32[at_p_hidden_b + j + 1]!;
      const less_01 = 0 < t7;
      const t8 = dot_general_02 + f32[at_p_hidden_b + j + 2]!;
      const less_02 = 0 < t8;
      const t9 = dot_general_03 + f32[at_p_hidden_b + j + 3]!;
      const less_03 = 0 < t9;
      const t10 = dot_general_10 + f32[at_p_hidden_b + j]!;
      const less_10 = 0 < t10;
      const t11 = dot_general_11 + f32[at_p_hidden_b + j + 1]!;
      const less_11 = 0 < t11;
      const t12 = dot_general_12 + f32[at_p_hidden_b + j + 2]!;
      const less_12 = 0 < t12;
      const t13 = dot_general_13 + f32[at_p_hidden_b + j + 3]!;
      const less_13 = 0 < t13;
      const select_00 = less_00 ? t6 : 0;
      const select_01 = less_01 ? t7 : 0;
      const select_02 = less_02 ? t8 : 0;
      const select_03 = less_03 ? t9 : 0;
      const select_10 = less_10 ? t10 : 0;
      const select_11 = less_11 ? t11 : 0;
      const select_12 = less_12 ? t12 : 0;
      const select_13 = less_13 ? t13 : 0;
      i32[at_less + i * 128 + j] = less_00 ? 1 : 0;
      i32[at_less + i * 128 + (j + 1)] = less_01 ? 1 : 0;
      i32[at_less + i * 128 + (j + 2)] = less_02 ? 1 : 0;
      i32[at_less + i * 128 + (j + 3)] = less_03 ? 1 : 0;
      i32[at_less + (i + 1) * 128 + j] = less_10 ? 1 : 0;
      i32[at_less + (i + 1) * 128 + (j + 1)] = less_11 ? 1 : 0;
      i32[at_less + (i + 1) * 128 + (j + 2)] = less_12 ? 1 : 0;
      i32[at_less + (i + 1) * 128 + (j + 3)] = less_13 ? 1 : 0;
      f32[at_select + i * 128 + j] = select_00;
      f32[at_select + i * 128 + (j + 1)] = select_01;
      f32[at_select + i * 128 + (j + 2)] = select_02;
      f32[at_select + i * 128 + (j + 3)] = select_03;
      f32[at_select + (i + 1) * 128 + j] = select_10;
      f32[at_select + (i + 1) * 128 + (j + 1)] = select_11;
      f32[at_select + (i + 1) * 128 + (j + 2)] = select_12;
      f32[at_select + (i + 1) * 128 + (j + 3)] = select_13;
    }
    for (; i < B; i++) {
      let dot_general_0 = 0, dot_general_1 = 0, dot_general_2 = 0, dot_general_3 = 0;
      for (let p = 0; p < 784; p++) {
        const t14 = f32[at_x + i * 784 + p]!;
        const t15 = f32[at_p_hidden_w + p * 128 + j]!;
        const t16 = f32[at_p_hidden_w + p * 128 + (j + 1)]!;
        const t17 = f32[at_p_hidden_w + p * 128 + (j + 2)]!;
        const t18 = f32[at_p_hidden_w + p * 128 + (j + 3)]!;
        dot_general_0 += t14 * t15;
        dot_general_1 += t14 * t16;
        dot_general_2 += t14 * t17;
        dot_general_3 += t14 * t18;
      }
      const t19 = dot_general_0 + f32[at_p_hidden_b + j]!;
      const less_0 = 0 < t19;
      const t20 = dot_general_1 + f32[at_p_hidden_b + j + 1]!;
      const less_1 = 0 < t20;
      const t21 = dot_general_2 + f32[at_p_hidden_b + j + 2]!;
      const less_2 = 0 < t21;
      const t22 = dot_general_3 + f32[at_p_hidden_b + j + 3]!;
      const less_3 = 0 < t22;
      const select_0 = less_0 ? t19 : 0;
      const select_1 = less_1 ? t20 : 0;
      const select_2 = less_2 ? t21 : 0;
      const select_3 = less_3 ? t22 : 0;
      i32[at_less + i * 128 + j] = less_0 ? 1 : 0;
      i32[at_less + i * 128 + (j + 1)] = less_1 ? 1 : 0;
      i32[at_less + i * 128 + (j + 2)] = less_2 ? 1 : 0;
      i32[at_less + i * 128 + (j + 3)] = less_3 ? 1 : 0;
      f32[at_select + i * 128 + j] = select_0;
      f32[at_select + i * 128 + (j + 1)] = select_1;
      f32[at_select + i * 128 + (j + 2)] = select_2;
      f32[at_select + i * 128 + (j + 3)] = select_3;
    }
  }
}

function sgdStep_negate(f32: Float32Array, B: number, at_strong_multiply: number, at_negate: number): void {
  const strong_multiply = 1 * (1 / B);
  const negate = -strong_multiply;
  f32[at_strong_multiply] = strong_multiply;
  f32[at_negate] = negate;
}

function sgdStep_dot_general(f32: Float32Array, B: number, at_select: number, at_p_out_w: number, at_dot_general: number): void {
  for (let j = 0; j < 10; j += 5) {
    let i = 0;
    for (; i + 2 <= B; i += 2) {
      let dot_general_00 = 0, dot_general_01 = 0, dot_general_02 = 0, dot_general_03 = 0, dot_general_04 = 0, dot_general_10 = 0, dot_general_11 = 0, dot_general_12 = 0, dot_general_13 = 0, dot_general_14 = 0;
      for (let p = 0; p < 128; p++) {
        const t0 = f32[at_select + i * 128 + p]!;
        const t1 = f32[at_p_out_w + p * 10 + j]!;
        const t2 = f32[at_p_out_w + p * 10 + (j + 1)]!;
        const t3 = f32[at_p_out_w + p * 10 + (j + 2)]!;
        const t4 = f32[at_p_out_w + p * 10 + (j + 3)]!;
        const t5 = f32[at_p_out_w + p * 10 + (j + 4)]!;
        const t6 = f32[at_select + (i + 1) * 128 + p]!;
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
      }
      f32[at_dot_general + i * 10 + j] = dot_general_00;
      f32[at_dot_general + i * 10 + (j + 1)] = dot_general_01;
      f32[at_dot_general + i * 10 + (j + 2)] = dot_general_02;
      f32[at_dot_general + i * 10 + (j + 3)] = dot_general_03;
      f32[at_dot_general + i * 10 + (j + 4)] = dot_general_04;
      f32[at_dot_general + (i + 1) * 10 + j] = dot_general_10;
      f32[at_dot_general + (i + 1) * 10 + (j + 1)] = dot_general_11;
      f32[at_dot_general + (i + 1) * 10 + (j + 2)] = dot_general_12;
      f32[at_dot_general + (i + 1) * 10 + (j + 3)] = dot_general_13;
      f32[at_dot_general + (i + 1) * 10 + (j + 4)] = dot_general_14;
    }
    for (; i < B; i++) {
      let dot_general_0 = 0, dot_general_1 = 0, dot_general_2 = 0, dot_general_3 = 0, dot_general_4 = 0;
      for (let p = 0; p < 128; p++) {
        const t7 = f32[at_select + i * 128 + p]!;
        const t8 = f32[at_p_out_w + p * 10 + j]!;
        const t9 = f32[at_p_out_w + p * 10 + (j + 1)]!;
        const t10 = f32[at_p_out_w + p * 10 + (j + 2)]!;
        const t11 = f32[at_p_out_w + p * 10 + (j + 3)]!;
        const t12 = f32[at_p_out_w + p * 10 + (j + 4)]!;
        dot_general_0 += t7 * t8;
        dot_general_1 += t7 * t9;
        dot_general_2 += t7 * t10;
        dot_general_3 += t7 * t11;
        dot_general_4 += t7 * t12;
      }
      f32[at_dot_general + i * 10 + j] = dot_general_0;
      f32[at_dot_general + i * 10 + (j + 1)] = dot_general_1;
      f32[at_dot_general + i * 10 + (j + 2)] = dot_general_2;
      f32[at_dot_general + i * 10 + (j + 3)] = dot_general_3;
      f32[at_dot_general + i * 10 + (j + 4)] = dot_general_4;
    }
  }
}

function sgdStep_reduce_sum(f32: Float32Array, i32: Int32Array, B: number, at_dot_general: number, at_p_out_b: number, at_exponential: number, at_strong_multiply: number, at_y: number, at_negate: number, at_add: number, at_sum: number, at_sum_2: number): void {
  for (let i = 0; i < B; i++) {
    let max = Number.NEGATIVE_INFINITY;
    for (let p = 0; p < 10; p++) {
      max = Math.max(max, f32[at_dot_general + i * 10 + p]! + f32[at_p_out_b + p]!);
    }
    const stop_gradient = Math.abs(max) <= 3.4028234663852886e+38 ? max : 0;
    for (let j = 0; j < 10; j++) {
      f32[at_exponential + i * 10 + j] = Math.exp(f32[at_dot_general + i * 10 + j]! + f32[at_p_out_b + j]! - stop_gradient);
    }
    let sum = 0;
    for (let p = 0; p < 10; p++) {
      sum += f32[at_exponential + i * 10 + p]!;
    }
    const t0 = f32[at_strong_multiply]!;
    const strong_multiply = t0 === 0 ? 0 : t0 * (1 / sum);
    for (let j = 0; j < 10; j++) {
      f32[at_add + i * 10 + j] = (i32[at_y + i]! === j ? f32[at_negate]! : 0) + strong_multiply * f32[at_exponential + i * 10 + j]!;
    }
    let sum2 = 0;
    for (let p = 0; p < 10; p++) {
      sum2 += i32[at_y + i]! === p ? f32[at_dot_general + i * 10 + p]! + f32[at_p_out_b + p]! - stop_gradient : 0;
    }
    f32[at_sum + i] = sum;
    f32[at_sum_2 + i] = sum2;
  }
}

function sgdStep_select_2(f32: Float32Array, i32: Int32Array, B: number, at_add: number, at_p_out_w: number, at_less: number, at_select_2: number): void {
  for (let j = 0; j < 128; j += 4) {
    let i = 0;
    for (; i + 2 <= B; i += 2) {
      let dot_general_00 = 0, dot_general_01 = 0, dot_general_02 = 0, dot_general_03 = 0, dot_general_10 = 0, dot_general_11 = 0, dot_general_12 = 0, dot_general_13 = 0;
      for (let p = 0; p < 10; p++) {
        const t0 = f32[at_add + i * 10 + p]!;
        const t1 = f32[at_p_out_w + j * 10 + p]!;
        const t2 = f32[at_p_out_w + (j + 1) * 10 + p]!;
        const t3 = f32[at_p_out_w + (j + 2) * 10 + p]!;
        const t4 = f32[at_p_out_w + (j + 3) * 10 + p]!;
        const t5 = f32[at_add + (i + 1) * 10 + p]!;
        dot_general_00 += t0 * t1;
        dot_general_01 += t0 * t2;
        dot_general_02 += t0 * t3;
        dot_general_03 += t0 * t4;
        dot_general_10 += t5 * t1;
        dot_general_11 += t5 * t2;
        dot_general_12 += t5 * t3;
        dot_general_13 += t5 * t4;
      }
      const select_00 = i32[at_less + i * 128 + j]! !== 0 ? dot_general_00 : 0;
      const select_01 = i32[at_less + i * 128 + (j + 1)]! !== 0 ? dot_general_01 : 0;
      const select_02 = i32[at_less + i * 128 + (j + 2)]! !== 0 ? dot_general_02 : 0;
      const select_03 = i32[at_less + i * 128 + (j + 3)]! !== 0 ? dot_general_03 : 0;
      const select_10 = i32[at_less + (i + 1) * 128 + j]! !== 0 ? dot_general_10 : 0;
      const select_11 = i32[at_less + (i + 1) * 128 + (j + 1)]! !== 0 ? dot_general_11 : 0;
      const select_12 = i32[at_less + (i + 1) * 128 + (j + 2)]! !== 0 ? dot_general_12 : 0;
      const select_13 = i32[at_less + (i + 1) * 128 + (j + 3)]! !== 0 ? dot_general_13 : 0;
      f32[at_select_2 + i * 128 + j] = select_00;
      f32[at_select_2 + i * 128 + (j + 1)] = select_01;
      f32[at_select_2 + i * 128 + (j + 2)] = select_02;
      f32[at_select_2 + i * 128 + (j + 3)] = select_03;
      f32[at_select_2 + (i + 1) * 128 + j] = select_10;
      f32[at_select_2 + (i + 1) * 128 + (j + 1)] = select_11;
      f32[at_select_2 + (i + 1) * 128 + (j + 2)] = select_12;
      f32[at_select_2 + (i + 1) * 128 + (j + 3)] = select_13;
    }
    for (; i < B; i++) {
      let dot_general_0 = 0, dot_general_1 = 0, dot_general_2 = 0, dot_general_3 = 0;
      for (let p = 0; p < 10; p++) {
        const t6 = f32[at_add + i * 10 + p]!;
        const t7 = f32[at_p_out_w + j * 10 + p]!;
        const t8 = f32[at_p_out_w + (j + 1) * 10 + p]!;
        const t9 = f32[at_p_out_w + (j + 2) * 10 + p]!;
        const t10 = f32[at_p_out_w + (j + 3) * 10 + p]!;
        dot_general_0 += t6 * t7;
        dot_general_1 += t6 * t8;
        dot_general_2 += t6 * t9;
        dot_general_3 += t6 * t10;
      }
      const select_0 = i32[at_less + i * 128 + j]! !== 0 ? dot_general_0 : 0;
      const select_1 = i32[at_less + i * 128 + (j + 1)]! !== 0 ? dot_general_1 : 0;
      const select_2 = i32[at_less + i * 128 + (j + 2)]! !== 0 ? dot_general_2 : 0;
      const select_3 = i32[at_less + i * 128 + (j + 3)]! !== 0 ? dot_general_3 : 0;
      f32[at_select_2 + i * 128 + j] = select_0;
      f32[at_select_2 + i * 128 + (j + 1)] = select_1;
      f32[at_select_2 + i * 128 + (j + 2)] = select_2;
      f32[at_select_2 + i * 128 + (j + 3)] = select_3;
    }
  }
}

function sgdStep_hidden_w(f32: Float32Array, B: number, at_x: number, at_select_2: number, at_p_hidden_w: number, at_lr: number): void {
  for (let j = 0; j < 128; j += 4) {
    for (let i = 0; i < 784; i += 2) {
      let d_p_hidden_w_00 = 0, d_p_hidden_w_01 = 0, d_p_hidden_w_02 = 0, d_p_hidden_w_03 = 0, d_p_hidden_w_10 = 0, d_p_hidden_w_11 = 0, d_p_hidden_w_12 = 0, d_p_hidden_w_13 = 0;
      for (let p = 0; p < B; p++) {
        const t0 = f32[at_x + p * 784 + i]!;
        const t1 = f32[at_select_2 + p * 128 + j]!;
        const t2 = f32[at_select_2 + p * 128 + (j + 1)]!;
        const t3 = f32[at_select_2 + p * 128 + (j + 2)]!;
        const t4 = f32[at_select_2 + p * 128 + (j + 3)]!;
        const t5 = f32[at_x + p * 784 + (i + 1)]!;
        d_p_hidden_w_00 += t0 * t1;
        d_p_hidden_w_01 += t0 * t2;
        d_p_hidden_w_02 += t0 * t3;
        d_p_hidden_w_03 += t0 * t4;
        d_p_hidden_w_10 += t5 * t1;
        d_p_hidden_w_11 += t5 * t2;
        d_p_hidden_w_12 += t5 * t3;
        d_p_hidden_w_13 += t5 * t4;
      }
      const hidden_w_00 = f32[at_p_hidden_w + i * 128 + j]! - d_p_hidden_w_00 * f32[at_lr]!;
      const hidden_w_01 = f32[at_p_hidden_w + i * 128 + (j + 1)]! - d_p_hidden_w_01 * f32[at_lr]!;
      const hidden_w_02 = f32[at_p_hidden_w + i * 128 + (j + 2)]! - d_p_hidden_w_02 * f32[at_lr]!;
      const hidden_w_03 = f32[at_p_hidden_w + i * 128 + (j + 3)]! - d_p_hidden_w_03 * f32[at_lr]!;
      const hidden_w_10 = f32[at_p_hidden_w + (i + 1) * 128 + j]! - d_p_hidden_w_10 * f32[at_lr]!;
      const hidden_w_11 = f32[at_p_hidden_w + (i + 1) * 128 + (j + 1)]! - d_p_hidden_w_11 * f32[at_lr]!;
      const hidden_w_12 = f32[at_p_hidden_w + (i + 1) * 128 + (j + 2)]! - d_p_hidden_w_12 * f32[at_lr]!;
      const hidden_w_13 = f32[at_p_hidden_w + (i + 1) * 128 + (j + 3)]! - d_p_hidden_w_13 * f32[at_lr]!;
      f32[at_p_hidden_w + i * 128 + j] = hidden_w_00;
      f32[at_p_hidden_w + i * 128 + (j + 1)] = hidden_w_01;
      f32[at_p_hidden_w + i * 128 + (j + 2)] = hidden_w_02;
      f32[at_p_hidden_w + i * 128 + (j + 3)] = hidden_w_03;
      f32[at_p_hidden_w + (i + 1) * 128 + j] = hidden_w_10;
      f32[at_p_hidden_w + (i + 1) * 128 + (j + 1)] = hidden_w_11;
      f32[at_p_hidden_w + (i + 1) * 128 + (j + 2)] = hidden_w_12;
      f32[at_p_hidden_w + (i + 1) * 128 + (j + 3)] = hidden_w_13;
    }
  }
}

function sgdStep_hidden_b(f32: Float32Array, B: number, at_select_2: number, at_p_hidden_b: number, at_lr: number): void {
  for (let i = 0; i < 128; i++) {
    let d_p_hidden_b = 0;
    for (let p = 0; p < B; p++) {
      d_p_hidden_b += f32[at_select_2 + p * 128 + i]!;
    }
    const hidden_b = f32[at_p_hidden_b + i]! - d_p_hidden_b * f32[at_lr]!;
    f32[at_p_hidden_b + i] = hidden_b;
  }
}

function sgdStep_out_w(f32: Float32Array, B: number, at_select: number, at_add: number, at_p_out_w: number, at_lr: number): void {
  for (let j = 0; j < 10; j += 5) {
    for (let i = 0; i < 128; i += 2) {
      let d_p_out_w_00 = 0, d_p_out_w_01 = 0, d_p_out_w_02 = 0, d_p_out_w_03 = 0, d_p_out_w_04 = 0, d_p_out_w_10 = 0, d_p_out_w_11 = 0, d_p_out_w_12 = 0, d_p_out_w_13 = 0, d_p_out_w_14 = 0;
      for (let p = 0; p < B; p++) {
        const t0 = f32[at_select + p * 128 + i]!;
        const t1 = f32[at_add + p * 10 + j]!;
        const t2 = f32[at_add + p * 10 + (j + 1)]!;
        const t3 = f32[at_add + p * 10 + (j + 2)]!;
        const t4 = f32[at_add + p * 10 + (j + 3)]!;
        const t5 = f32[at_add + p * 10 + (j + 4)]!;
        const t6 = f32[at_select + p * 128 + (i + 1)]!;
        d_p_out_w_00 += t0 * t1;
        d_p_out_w_01 += t0 * t2;
        d_p_out_w_02 += t0 * t3;
        d_p_out_w_03 += t0 * t4;
        d_p_out_w_04 += t0 * t5;
        d_p_out_w_10 += t6 * t1;
        d_p_out_w_11 += t6 * t2;
        d_p_out_w_12 += t6 * t3;
        d_p_out_w_13 += t6 * t4;
        d_p_out_w_14 += t6 * t5;
      }
      const out_w_00 = f32[at_p_out_w + i * 10 + j]! - d_p_out_w_00 * f32[at_lr]!;
      const out_w_01 = f32[at_p_out_w + i * 10 + (j + 1)]! - d_p_out_w_01 * f32[at_lr]!;
      const out_w_02 = f32[at_p_out_w + i * 10 + (j + 2)]! - d_p_out_w_02 * f32[at_lr]!;
      const out_w_03 = f32[at_p_out_w + i * 10 + (j + 3)]! - d_p_out_w_03 * f32[at_lr]!;
      const out_w_04 = f32[at_p_out_w + i * 10 + (j + 4)]! - d_p_out_w_04 * f32[at_lr]!;
      const out_w_10 = f32[at_p_out_w + (i + 1) * 10 + j]! - d_p_out_w_10 * f32[at_lr]!;
      const out_w_11 = f32[at_p_out_w + (i + 1) * 10 + (j + 1)]! - d_p_out_w_11 * f32[at_lr]!;
      const out_w_12 = f32[at_p_out_w + (i + 1) * 10 + (j + 2)]! - d_p_out_w_12 * f32[at_lr]!;
      const out_w_13 = f32[at_p_out_w + (i + 1) * 10 + (j + 3)]! - d_p_out_w_13 * f32[at_lr]!;
      const out_w_14 = f32[at_p_out_w + (i + 1) * 10 + (j + 4)]! - d_p_out_w_14 * f32[at_lr]!;
      f32[at_p_out_w + i * 10 + j] = out_w_00;
      f32[at_p_out_w + i * 10 + (j + 1)] = out_w_01;
      f32[at_p_out_w + i * 10 + (j + 2)] = out_w_02;
      f32[at_p_out_w + i * 10 + (j + 3)] = out_w_03;
      f32[at_p_out_w + i * 10 + (j + 4)] = out_w_04;
      f32[at_p_out_w + (i + 1) * 10 + j] = out_w_10;
      f32[at_p_out_w + (i + 1) * 10 + (j + 1)] = out_w_11;
      f32[at_p_out_w + (i + 1) * 10 + (j + 2)] = out_w_12;
      f32[at_p_out_w + (i + 1) * 10 + (j + 3)] = out_w_13;
      f32[at_p_out_w + (i + 1) * 10 + (j + 4)] = out_w_14;
    }
  }
}

function sgdStep_out_b(f32: Float32Array, B: number, at_add: number, at_p_out_b: number, at_lr: number): void {
  for (let i = 0; i < 10; i++) {
    let d_p_out_b = 0;
    for (let p = 0; p < B; p++) {
      d_p_out_b += f32[at_add + p * 10 + i]!;
    }
    const out_b = f32[at_p_out_b + i]! - d_p_out_b * f32[at_lr]!;
    f32[at_p_out_b + i] = out_b;
  }
}

function sgdStep_output(f32: Float32Array, B: number, at_sum: number, at_sum_2: number, at_output: number): void {
  let sum = 0;
  for (let p = 0; p < B; p++) {
    sum += Math.log(f32[at_sum + p]!) - f32[at_sum_2 + p]!;
  }
  const output = sum / B;
  f32[at_output] = output;
}

function sgdStep_run({ f32, i32 }: Arena, d: readonly number[], max: readonly number[]): void {
  const B = d[0]!;
  const B_max = max[0]!;
  const at_p_hidden_w = 0;
  const at_p_hidden_b = 101632;
  const at_p_out_w = 100352;
  const at_p_out_b = 101760;
  const at_x = 101773;
  const at_y = 1178 * B_max + 101773;
  const at_lr = 101770;
  const at_less = 784 * B_max + 101773;
  const at_select = 912 * B_max + 101773;
  const at_strong_multiply = 101771;
  const at_negate = 101772;
  const at_dot_general = 1040 * B_max + 101773;
  const at_exponential = 1050 * B_max + 101773;
  const at_add = 1168 * B_max + 101773;
  const at_sum = 1179 * B_max + 101773;
  const at_sum_2 = 1180 * B_max + 101773;
  const at_select_2 = 1040 * B_max + 101773;
  const at_output = 101771;
  sgdStep_select(f32, i32, B, at_x, at_p_hidden_w, at_p_hidden_b, at_less, at_select);
  sgdStep_negate(f32, B, at_strong_multiply, at_negate);
  sgdStep_dot_general(f32, B, at_select, at_p_out_w, at_dot_general);
  sgdStep_reduce_sum(f32, i32, B, at_dot_general, at_p_out_b, at_exponential, at_strong_multiply, at_y, at_negate, at_add, at_sum, at_sum_2);
  sgdStep_select_2(f32, i32, B, at_add, at_p_out_w, at_less, at_select_2);
  sgdStep_hidden_w(f32, B, at_x, at_select_2, at_p_hidden_w, at_lr);
  sgdStep_hidden_b(f32, B, at_select_2, at_p_hidden_b, at_lr);
  sgdStep_out_w(f32, B, at_select, at_add, at_p_out_w, at_lr);
  sgdStep_out_b(f32, B, at_add, at_p_out_b, at_lr);
  sgdStep_output(f32, B, at_sum, at_sum_2, at_output);
}

const sgdStep_plan = {
  params: [{ hidden: { w: 0, b: 1 }, out: { w: 2, b: 3 } }, 4, 5, 6],
  result: [{ hidden: { w: 0, b: 1 }, out: { w: 2, b: 3 } }, 7],
  step: true,
  dims: [["B", 4, 0, 1]],
  leaves: (d: readonly number[], max: readonly number[]): Leaf[] => [
    ["p.hidden.w", "f32", 0, [784, 128]],
    ["p.hidden.b", "f32", 101632, [128]],
    ["p.out.w", "f32", 100352, [128, 10]],
    ["p.out.b", "f32", 101760, [10]],
    ["x", "f32", 101773, [d[0]!, 784]],
    ["y", "i32", 1178 * max[0]! + 101773, [d[0]!]],
    ["lr", "f32", 101770, []],
    ["[1]", "f32", 101771, []],
  ],
  bytes: (max: readonly number[]): number => 4724 * max[0]! + 407092,
  run: sgdStep_run,
} as const;

const load: ReturnType<typeof define<typeof source>> = define<typeof source>({
  sgdStep: sgdStep_plan,
});
export default load;
