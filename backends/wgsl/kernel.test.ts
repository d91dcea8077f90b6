/** Whole small kernels, as they are generated. A change here is a change of what people run: read it. */
import {
  add,
  concat,
  dim,
  exp,
  gather,
  layerNorm,
  matmul,
  maximum,
  mean,
  mul,
  relu,
  reshape,
  softmax,
  sum,
  type Tensor,
  transpose,
} from "cotangent";
import { expect, test } from "vitest";
import type { Graph } from "../../codegen/graph.ts";
import { compile } from "../../codegen/pipeline.ts";
import { scatterAddIntoZeros } from "../../dsl/ops/gather.ts";
import { spec, traced } from "../traced.test-source.ts";
import { emitShaders } from "./kernel.ts";
import { type Shader, UNIT } from "./shader.ts";

const shadersOf = (f: (...args: never[]) => unknown, specs: Readonly<Record<string, unknown>>): Shader[] => {
  const graph: Graph = traced("f", f, specs);
  return emitShaders(compile(graph, { align: UNIT }));
};
/** Without what every shader has, and functions that are written out. */
const bodyOf = ({ code }: Shader): string => code.slice(code.indexOf("fn main(")).replace(/fn main\(.*\) \{/, "fn main(…) {");
const bodies = (f: (...args: never[]) => unknown, specs: Readonly<Record<string, unknown>>): string =>
  shadersOf(f, specs).map(bodyOf).join("\n");

/** What the runtime is told. */
const outline = ({ name, groups, workgroupBytes, scratch, only }: Shader): string =>
  [
    `${name}: ${groups.map(({ dim, per }) => (per === 1 ? dim : `⌈${dim} / ${per}⌉`)).join(" · ")} workgroups, ${workgroupBytes} bytes each`,
    ...(scratch === 0 ? [] : [`${scratch} bytes between them`]),
    ...(only ? [`if ${only.from} ≤ ${only.dim} < ${only.below}`] : []),
  ].join("; ");

test("elementwise: four elements an invocation, whatever comes behind the last one", () => {
  const f = (x: Tensor<["B", 3]>, y: Tensor<["B", 3]>) => relu(add(mul(x, 2), y));
  const [shader] = shadersOf(f, { x: spec(["B", 3]), y: spec(["B", 3]) }) as [Shader];
  expect(shader.code).toMatchInlineSnapshot(`
    "// result
    @group(0) @binding(0) var<storage, read_write> arena: array<vec4<f32>>;
    @group(0) @binding(1) var<uniform> sizes: array<vec4<i32>, 1>;

    const at_x = 0; // f32 [B, 3]

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
      let B = sizes[0].x;
      let max_B = sizes[0].y;
      let at_y = 3 * max_B; // f32 [B, 3]
      let at_result = 6 * max_B; // f32 [B, 3]
      let n = (i32(group.x + group.y * groups.x) * 64 + i32(lane)) * 4;
      if (n >= 3 * B) {
        return;
      }
      let add = arena[(at_x + n) >> 2] * 2.0 + arena[(at_y + n) >> 2];
      let result = select(vec4(0.0), add, vec4(0.0) < add);
      arena[(at_result + n) >> 2] = result;
    }
    "
  `);
  expect(shader.groups).toEqual([{ dim: "3*B", per: 256 }]);
});

test("a row is added whose length is no multiple of four: vectors go on from row to row", () => {
  const f = (x: Tensor<["B", 10]>, b: Tensor<[10]>) => add(x, b);
  expect(bodies(f, { x: spec(["B", 10]), b: spec([10]) })).toMatchInlineSnapshot(`
    "fn main(…) {
      let B = sizes[0].x;
      let max_B = sizes[0].y;
      let at_result = 12 + 10 * max_B; // f32 [B, 10]
      let n = (i32(group.x + group.y * groups.x) * 64 + i32(lane)) * 4;
      if (n >= 10 * B) {
        return;
      }
      let at = n + lanes;
      let i1 = at % 10;
      let at2 = at_b + i1;
      let result = arena[(at_x + n) >> 2] + vec4(element(at2.x), element(at2.y), element(at2.z), element(at2.w));
      arena[(at_result + n) >> 2] = result;
    }
    "
  `);
});

test("what lies apart is read one by one", () => {
  const f = (x: Tensor<[8, 16]>) => exp(transpose(x));
  expect(bodies(f, { x: spec([8, 16]) })).toMatchInlineSnapshot(`
    "fn main(…) {
      let n = (i32(group.x + group.y * groups.x) * 64 + i32(lane)) * 4;
      if (n >= 128) {
        return;
      }
      let i0 = n / 8;
      let i1 = n % 8;
      let at = at_x + (i1 + lanes) * 16 + i0;
      let result = expf4(vec4(element(at.x), element(at.y), element(at.z), element(at.w)));
      arena[(at_result + i0 * 8 + i1) >> 2] = result;
    }
    "
  `);
});

test("sides of a condition that lanes do not share are both computed", () => {
  const f = (x: Tensor<[2, 8]>, y: Tensor<[2, 4]>) => concat([x, y], 1);
  expect(bodies(f, { x: spec([2, 8]), y: spec([2, 4]) })).toMatchInlineSnapshot(`
    "fn main(…) {
      let n = (i32(group.x + group.y * groups.x) * 64 + i32(lane)) * 4;
      if (n >= 24) {
        return;
      }
      let i0 = n / 12;
      let i1 = n % 12;
      let result = select(arena[(at_y + i0 * 4 - 8 + i1) >> 2], arena[(at_x + i0 * 8 + i1) >> 2], i1 + lanes < vec4(8));
      arena[(at_result + i0 * 12 + i1) >> 2] = result;
    }
    "
  `);
});

test("softmax: a row is shared, read once, and stays in registers", () => {
  const soft = (x: Tensor<["B", 256]>) => softmax(x);
  expect(bodies(soft, { x: spec(["B", 256]) })).toMatchInlineSnapshot(`
    "fn main(…) {
      let B = sizes[0].x;
      let max_B = sizes[0].y;
      let at_result = 512 * max_B; // f32 [B, 256]
      let row = i32(group.x + group.y * groups.x) * 4 + i32(lane) / 16;
      let own = i32(lane) % 16;
      var own_max = vec4<f32>(-infinity());
      let k0 = own * 4;
      let x = arena[(at_x + row * 256 + k0) >> 2];
      own_max = maxf4(own_max, x);
      let k0_2 = (own + 16) * 4;
      let x2 = arena[(at_x + row * 256 + k0_2) >> 2];
      own_max = maxf4(own_max, x2);
      let k0_3 = (own + 32) * 4;
      let x3 = arena[(at_x + row * 256 + k0_3) >> 2];
      own_max = maxf4(own_max, x3);
      let k0_4 = (own + 48) * 4;
      let x4 = arena[(at_x + row * 256 + k0_4) >> 2];
      own_max = maxf4(own_max, x4);
      let max_value = max_of_all(lane, maxf(maxf(maxf(own_max.x, own_max.y), own_max.z), own_max.w));
      let select_value = select(0.0, max_value, isFinite(abs(max_value)));
      var own_sum = vec4<f32>(0.0);
      let exponential = expf4(x - select_value);
      own_sum += exponential;
      let exponential2 = expf4(x2 - select_value);
      own_sum += exponential2;
      let exponential3 = expf4(x3 - select_value);
      own_sum += exponential3;
      let exponential4 = expf4(x4 - select_value);
      own_sum += exponential4;
      let sum = sum_of_all(lane, own_sum.x + own_sum.y + own_sum.z + own_sum.w);
      let divide = 1.0 / sum;
      if (row < B) {
        arena[(at_result + row * 256 + k0) >> 2] = exponential * divide;
        arena[(at_result + row * 256 + k0_2) >> 2] = exponential2 * divide;
        arena[(at_result + row * 256 + k0_3) >> 2] = exponential3 * divide;
        arena[(at_result + row * 256 + k0_4) >> 2] = exponential4 * divide;
      }
    }
    "
  `);
});

test("layerNorm of rows as long as it comes: passes over memory, and trees", () => {
  const f = (x: Tensor<["B", "D"]>, g: Tensor<["D"]>, b: Tensor<["D"]>) => layerNorm(x, g, b);
  const [shader] = shadersOf(f, { x: spec(["B", "D"]), g: spec(["D"]), b: spec(["D"]) }) as [Shader];
  expect(shader.code).toMatchInlineSnapshot(`
    "// result
    @group(0) @binding(0) var<storage, read_write> arena: array<f32>;
    @group(0) @binding(1) var<uniform> sizes: array<vec4<i32>, 1>;

    const at_x = 0; // f32 [B, D]

    var<workgroup> folded: array<f32, 64>;

    // Over the 64 invocations of a row.
    fn sum_of_all(at: u32, own: f32) -> f32 {
      workgroupBarrier();
      folded[at] = own;
      workgroupBarrier();
      for (var half = 32u; half >= 1u; half /= 2u) {
        if (at < half) {
          folded[at] += folded[at + half];
        }
        workgroupBarrier();
      }
      return folded[0];
    }

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
      let B = sizes[0].x;
      let D = sizes[0].y;
      let max_B = sizes[0].z;
      let max_D = sizes[0].w;
      let at_g = 2 * max_B * max_D; // f32 [D]
      let at_b = 2 * max_B * max_D + max_D; // f32 [D]
      let at_result = max_B * max_D; // f32 [B, D]
      let row = i32(group.x + group.y * groups.x);
      if (row >= B) {
        return;
      }
      let own = i32(lane);
      var own_sum = 0.0;
      for (var n = own; n < D; n += 64) {
        own_sum += arena[at_x + row * D + n];
      }
      let sum = sum_of_all(lane, own_sum);
      let divide = sum / f32(D);
      var own_sum2 = 0.0;
      for (var n2 = own; n2 < D; n2 += 64) {
        let t = arena[at_x + row * D + n2] - divide;
        own_sum2 += t * t;
      }
      let sum2 = sum_of_all(lane, own_sum2);
      let divide2 = 1.0 / sqrt(sum2 / f32(D) + 0.00001);
      for (var n3 = own; n3 < D; n3 += 64) {
        arena[at_result + row * D + n3] = (arena[at_x + row * D + n3] - divide) * divide2 * arena[at_g + n3] + arena[at_b + n3];
      }
    }
    "
  `);
});

test("what rows have is stored four rows at a time", () => {
  const f = (x: Tensor<["B", 64]>) => {
    const total = sum(x, 1, { keepDims: true });
    return [reshape(total, [dim(x, 0)]), mul(x, total)] as const;
  };
  expect(bodies(f as never, { x: spec(["B", 64]) })).toMatchInlineSnapshot(`
    "fn main(…) {
      let B = sizes[0].x;
      let max_B = sizes[0].y;
      let at_output_1 = 64 * max_B; // f32 [B, 64]
      let at_output_0 = 128 * max_B; // f32 [B]
      let row = i32(group.x + group.y * groups.x) * 8 + i32(lane) / 8;
      let own = i32(lane) % 8;
      var own_output_0 = vec4<f32>(0.0);
      let k0 = own * 4;
      let x = arena[(at_x + row * 64 + k0) >> 2];
      own_output_0 += x;
      let k0_2 = (own + 8) * 4;
      let x2 = arena[(at_x + row * 64 + k0_2) >> 2];
      own_output_0 += x2;
      let output_0 = sum_of_all(lane, own_output_0.x + own_output_0.y + own_output_0.z + own_output_0.w);
      if (row < B) {
        arena[(at_output_1 + row * 64 + k0) >> 2] = x * output_0;
        arena[(at_output_1 + row * 64 + k0_2) >> 2] = x2 * output_0;
      }
      if (own == 0) {
        results[i32(lane) / 8] = output_0;
      }
      workgroupBarrier();
      if (lane < 2u) {
        let at = i32(lane) * 4;
        let first = row + at;
        if (first < B) {
          arena[(at_output_0 + first) >> 2] = vec4(results[at], results[at + 1], results[at + 2], results[at + 3]);
        }
      }
    }
    "
  `);
});

test("short rows: one invocation each", () => {
  const soft = (x: Tensor<["B", 10]>) => softmax(x);
  expect(bodies(soft, { x: spec(["B", 10]) })).toMatchInlineSnapshot(`
    "fn main(…) {
      let B = sizes[0].x;
      let max_B = sizes[0].y;
      let at_exponential = 10 * max_B; // f32 [B, 10]
      let at_result = 20 * max_B; // f32 [B, 10]
      let n = i32(group.x + group.y * groups.x) * 64 + i32(lane);
      if (n >= B) {
        return;
      }
      var max_value = -infinity();
      for (var k0 = 0; k0 < 10; k0++) {
        max_value = maxf(max_value, arena[at_x + n * 10 + k0]);
      }
      let select_value = select(0.0, max_value, isFinite(abs(max_value)));
      for (var i1 = 0; i1 < 10; i1++) {
        arena[at_exponential + n * 10 + i1] = expf(arena[at_x + n * 10 + i1] - select_value);
      }
      var sum = 0.0;
      for (var k0 = 0; k0 < 10; k0++) {
        sum += arena[at_exponential + n * 10 + k0];
      }
      let divide = 1.0 / sum;
      for (var i1 = 0; i1 < 10; i1++) {
        arena[at_result + n * 10 + i1] = arena[at_exponential + n * 10 + i1] * divide;
      }
    }
    "
  `);
});

test("columns: neighbours read what lies side by side", () => {
  const f = (x: Tensor<["B", 40]>) => sum(x, 0);
  const [shader] = shadersOf(f, { x: spec(["B", 40]) }) as [Shader];
  expect(shader.code.slice(shader.code.indexOf("var<workgroup>"))).toMatchInlineSnapshot(`
    "var<workgroup> folded: array<vec4<f32>, 256>;

    // Over the 16 invocations of a column, in each of 16.
    fn sum_of_all(at: u32, own: vec4<f32>) -> vec4<f32> {
      workgroupBarrier();
      folded[at] = own;
      workgroupBarrier();
      for (var half = 128u; half >= 16u; half /= 2u) {
        if (at < half) {
          folded[at] += folded[at + half];
        }
        workgroupBarrier();
      }
      return folded[at % 16u];
    }

    @compute @workgroup_size(256)
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
      let B = sizes[0].x;
      let i0 = i32(lane) % 16 * 4;
      let first_row = i32(lane) / 16;
      var own_result = vec4<f32>(0.0);
      for (var row = first_row; row < B; row += 16) {
        own_result += arena[(at_x + row * 40 + i0) >> 2];
      }
      let result = sum_of_all(lane, own_result);
      if (lane < 16u && i0 < 40) {
        arena[(at_result + i0) >> 2] = result;
      }
    }
    "
  `);
});

test("a sum over much: parts, then their sum", () => {
  const f = (x: Tensor<[512, 512]>) => mean(x);
  expect(bodies(f, { x: spec([512, 512]) })).toMatchInlineSnapshot(`
    "fn main(…) {
      let row = i32(group.x + group.y * groups.x);
      let own = i32(lane);
      var own_sum = vec4<f32>(0.0);
      for (var n = row * 256 + own; n < 65536; n += 16384) {
        let k1 = n * 4;
        own_sum += arena[(at_x + k1) >> 2];
      }
      let sum = sum_of_all(lane, own_sum.x + own_sum.y + own_sum.z + own_sum.w);
      if (own == 0) {
        arena[(at_sum_parts + row * 4) >> 2] = vec4(sum);
      }
    }

    fn main(…) {
      let own = i32(lane);
      var own_sum = vec4<f32>(0.0);
      let part = own * 4;
      let at = at_sum_parts + (part + lanes) * 4;
      own_sum += vec4(element(at.x), element(at.y), element(at.z), element(at.w));
      let sum = sum_of_all(lane, own_sum.x + own_sum.y + own_sum.z + own_sum.w);
      let result = sum / 262144.0;
      if (own == 0) {
        arena[at_result >> 2] = vec4(result);
      }
    }
    "
  `);
});

test("relu(x · w + b): a tile a workgroup, another one for large sizes", () => {
  const dense = (x: Tensor<["B", 24]>, w: Tensor<[24, 1024]>, b: Tensor<[1024]>) => relu(add(matmul(x, w), b));
  const shaders = shadersOf(dense, { x: spec(["B", 24]), w: spec([24, 1024]), b: spec([1024]) });
  expect(shaders[0]?.code).toMatchInlineSnapshot(`
    "// result
    @group(0) @binding(0) var<storage, read_write> arena: array<vec4<f32>>;
    @group(0) @binding(1) var<uniform> sizes: array<vec4<i32>, 1>;

    const at_w = 0; // f32 [24, 1024]
    const at_b = 24576; // f32 [1024]
    const at_result = 25600; // f32 [B, 1024]

    const lanes = vec4(0, 1, 2, 3);

    // 16 steps of the sum: 32 rows of x, then 32 columns of w. One half is filled while the other is read.
    var<workgroup> tiles: array<vec4<f32>, 544>;

    // Where 4 rows of x begin.
    fn rows_of_x(first: i32) -> vec4<i32> {
      let B = sizes[0].x;
      let max_B = sizes[0].y;
      let at_x = 25600 + 1024 * max_B; // f32 [B, 24]
      let at = min(first + lanes, vec4(B - 1));
      return at_x + at * 24;
    }

    // Where 4 columns of w begin.
    fn columns_of_w(first: i32) -> vec4<i32> {
      let at = min(first, 1020);
      return vec4(at_w + at);
    }

    // 4 steps of x. It lies along the steps.
    fn fetch_x(base: vec4<i32>, step: i32) -> mat4x4<f32> {
      if (step >= 24) {
        return mat4x4<f32>();
      }
      let at = base + step;
      return transpose(mat4x4(
        arena[at.x >> 2],
        arena[at.y >> 2],
        arena[at.z >> 2],
        arena[at.w >> 2],
      ));
    }

    // 4 steps of w. It lies across them.
    fn fetch_w(base: vec4<i32>, step: i32) -> mat4x4<f32> {
      if (step >= 24) {
        return mat4x4<f32>();
      }
      let steps = step + lanes;
      let at = base.x + steps * 1024;
      return mat4x4(
        arena[at.x >> 2],
        arena[at.y >> 2],
        arena[at.z >> 2],
        arena[at.w >> 2],
      );
    }

    // What becomes of four sums of a row.
    fn finish(row: i32, column: i32, dot_general: vec4<f32>) {
      let B = sizes[0].x;
      if (row >= B || column >= 1024) {
        return;
      }
      let t = dot_general + arena[(at_b + column) >> 2];
      let result = select(vec4(0.0), t, vec4(0.0) < t);
      arena[(at_result + row * 1024 + column) >> 2] = result;
    }

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
      let B = sizes[0].x;
      let row_tiles = (B + 31) / 32;
      let block = i32(group.x + group.y * groups.x);
      if (block >= row_tiles * 32) {
        return;
      }
      let column = block % 32 * 32;
      let row = block / 32 * 32;
      var base: vec4<i32>;
      var step: i32;
      var place: i32;
      if (lane < 32u) {
        step = i32(lane) % 4 * 4;
        place = i32(lane) / 4;
        base = rows_of_x(row + place * 4);
      } else {
        step = (i32(lane) - 32) / 8 * 4;
        place = (i32(lane) - 32) % 8;
        base = columns_of_w(column + place * 4);
        place += 8;
      }
      var next = mat4x4<f32>();
      var sum0_0 = vec4(0.0);
      var sum1_0 = vec4(0.0);
      var sum2_0 = vec4(0.0);
      var sum3_0 = vec4(0.0);
      let r = i32(lane) / 32 * 4 + i32(lane) / 8 % 4;
      let c = i32(lane) % 8;
      for (var turn = 0; turn <= 2; turn++) {
        if (turn < 2) {
          if (lane < 32u) {
            next = fetch_x(base, turn * 16 + step);
          } else {
            next = fetch_w(base, turn * 16 + step);
          }
        }
        if (turn > 0) {
          let half = ((turn - 1) & 1) * 272;
          for (var k = 0; k < 16; k += 4) {
            let a = half + k * 17 + r;
            let b = half + k * 17 + 8 + c;
            {
              let a0 = tiles[a]; let b0 = tiles[b];
              sum0_0 = fma(vec4(a0.x), b0, sum0_0);
              sum1_0 = fma(vec4(a0.y), b0, sum1_0);
              sum2_0 = fma(vec4(a0.z), b0, sum2_0);
              sum3_0 = fma(vec4(a0.w), b0, sum3_0);
            }
            {
              let a0 = tiles[a + 17]; let b0 = tiles[b + 17];
              sum0_0 = fma(vec4(a0.x), b0, sum0_0);
              sum1_0 = fma(vec4(a0.y), b0, sum1_0);
              sum2_0 = fma(vec4(a0.z), b0, sum2_0);
              sum3_0 = fma(vec4(a0.w), b0, sum3_0);
            }
            {
              let a0 = tiles[a + 34]; let b0 = tiles[b + 34];
              sum0_0 = fma(vec4(a0.x), b0, sum0_0);
              sum1_0 = fma(vec4(a0.y), b0, sum1_0);
              sum2_0 = fma(vec4(a0.z), b0, sum2_0);
              sum3_0 = fma(vec4(a0.w), b0, sum3_0);
            }
            {
              let a0 = tiles[a + 51]; let b0 = tiles[b + 51];
              sum0_0 = fma(vec4(a0.x), b0, sum0_0);
              sum1_0 = fma(vec4(a0.y), b0, sum1_0);
              sum2_0 = fma(vec4(a0.z), b0, sum2_0);
              sum3_0 = fma(vec4(a0.w), b0, sum3_0);
            }
          }
        }
        if (turn < 2) {
          let at = (turn & 1) * 272 + step * 17 + place;
          tiles[at] = next[0];
          tiles[at + 17] = next[1];
          tiles[at + 34] = next[2];
          tiles[at + 51] = next[3];
        }
        workgroupBarrier();
      }
      let first_row = row + r * 4;
      let first_column = column + c * 4;
      finish(first_row, first_column, sum0_0);
      finish(first_row + 1, first_column, sum1_0);
      finish(first_row + 2, first_column, sum2_0);
      finish(first_row + 3, first_column, sum3_0);
    }
    "
  `);
  expect(shaders.map(outline)).toMatchInlineSnapshot(`
    [
      "result_0: ⌈B / 32⌉ · ⌈1024 / 32⌉ workgroups, 8704 bytes each; if 0 ≤ B < 384",
      "result_0_large: ⌈B / 64⌉ · ⌈1024 / 64⌉ workgroups, 16384 bytes each; if 384 ≤ B < Infinity",
    ]
  `);
});

test("odd sizes, and operands that lie as they like: element by element", () => {
  const f = (x: Tensor<[17, 15]>, w: Tensor<[18, 17]>) => matmul(transpose(x), transpose(w));
  const [shader] = shadersOf(f, { x: spec([17, 15]), w: spec([18, 17]) }) as [Shader];
  expect(shader.code.slice(shader.code.indexOf("// Where"), shader.code.indexOf("@compute"))).toMatchInlineSnapshot(`
    "// Where 4 rows of x begin.
    fn rows_of_x(first: i32) -> vec4<i32> {
      let at = min(first + lanes, vec4(14));
      return at_x + at;
    }

    // Where 4 columns of w begin.
    fn columns_of_w(first: i32) -> vec4<i32> {
      let at = min(first + lanes, vec4(17));
      return at_w + at * 17;
    }

    // 4 steps of x.
    fn fetch_x(base: vec4<i32>, step: i32) -> mat4x4<f32> {
      let steps = step + lanes;
      let at = steps * 15;
      return mat4x4(
        select(vec4(0.0), vec4(arena[base.x + at.x], arena[base.y + at.x], arena[base.z + at.x], arena[base.w + at.x]), step < 17),
        select(vec4(0.0), vec4(arena[base.x + at.y], arena[base.y + at.y], arena[base.z + at.y], arena[base.w + at.y]), step + 1 < 17),
        select(vec4(0.0), vec4(arena[base.x + at.z], arena[base.y + at.z], arena[base.z + at.z], arena[base.w + at.z]), step + 2 < 17),
        select(vec4(0.0), vec4(arena[base.x + at.w], arena[base.y + at.w], arena[base.z + at.w], arena[base.w + at.w]), step + 3 < 17),
      );
    }

    // 4 steps of w.
    fn fetch_w(base: vec4<i32>, step: i32) -> mat4x4<f32> {
      let steps = step + lanes;
      return mat4x4(
        select(vec4(0.0), vec4(arena[base.x + steps.x], arena[base.y + steps.x], arena[base.z + steps.x], arena[base.w + steps.x]), step < 17),
        select(vec4(0.0), vec4(arena[base.x + steps.y], arena[base.y + steps.y], arena[base.z + steps.y], arena[base.w + steps.y]), step + 1 < 17),
        select(vec4(0.0), vec4(arena[base.x + steps.z], arena[base.y + steps.z], arena[base.z + steps.z], arena[base.w + steps.z]), step + 2 < 17),
        select(vec4(0.0), vec4(arena[base.x + steps.w], arena[base.y + steps.w], arena[base.z + steps.w], arena[base.w + steps.w]), step + 3 < 17),
      );
    }

    // What becomes of a sum.
    fn finish(row: i32, column: i32, result: f32) {
      if (row >= 15 || column >= 18) {
        return;
      }
      arena[at_result + row * 18 + column] = result;
    }

    // And of four.
    fn finish_four(row: i32, column: i32, sums: vec4<f32>) {
      for (var j = 0; j < 4; j++) {
        finish(row, column + j, sums[j]);
      }
    }

    "
  `);
});

test("a small result of a long sum: parts, then their sum", () => {
  const f = (x: Tensor<[4096, 32]>, y: Tensor<[4096, 64]>) => maximum(matmul(transpose(x), y), 0);
  const shaders = shadersOf(f, { x: spec([4096, 32]), y: spec([4096, 64]) });
  expect(shaders.map(outline)).toMatchInlineSnapshot(`
    [
      "result_0: 64 · ⌈32 / 32⌉ · ⌈64 / 32⌉ workgroups, 8704 bytes each; 524288 bytes between them",
      "result_0_sum: 32 · ⌈64 / 64⌉ workgroups, 4096 bytes each; 524288 bytes between them",
    ]
  `);
  expect(bodyOf(shaders[1] as Shader)).toMatchInlineSnapshot(`
    "fn main(…) {
      let block = i32(group.x + group.y * groups.x);
      let i1 = i32(lane) % 16 * 4;
      let first_row = i32(lane) / 16;
      var own_dot_general = vec4<f32>(0.0);
      for (var row = first_row; row < 64; row += 16) {
        own_dot_general += arena[(at_dot_general_parts + row * 2048 + block * 64 + i1) >> 2];
      }
      let dot_general = sum_of_all(lane, own_dot_general);
      if (lane < 16u && i1 < 64) {
        let result = maxf4(dot_general, vec4(0.0));
        arena[(at_result + block * 64 + i1) >> 2] = result;
      }
    }
    "
  `);
});

test("gather and scatter-add: every invocation has places of its own", () => {
  const f = (x: Tensor<[100, 8]>, at: Tensor<["N"], "i32">) => scatterAddIntoZeros(100, at as never, gather(x, at) as never);
  expect(bodies(f, { x: spec([100, 8]), at: spec(["N"], "i32") })).toMatchInlineSnapshot(`
    "fn main(…) {
      let N = sizes[0].x;
      let max_N = sizes[0].y;
      let at_at = 1600 + 8 * max_N; // i32 [N]
      let n = (i32(group.x + group.y * groups.x) * 64 + i32(lane)) * 4;
      if (n >= 8 * N) {
        return;
      }
      let i0 = n / 8;
      let i1 = n % 8;
      let t = bitcast<i32>(element(at_at + i0));
      var gather: vec4<f32>;
      if (0 <= t && t < 100) {
        gather = bitcast<vec4<f32>>(arena[(at_x + t * 8 + i1) >> 2]);
      } else {
        gather = vec4(0.0);
      }
      arena[(at_gather + i0 * 8 + i1) >> 2] = bitcast<vec4<u32>>(gather);
    }

    fn main(…) {
      let n = (i32(group.x + group.y * groups.x) * 64 + i32(lane)) * 4;
      if (n >= 800) {
        return;
      }
      arena[(at_result + n) >> 2] = vec4(0.0);
    }

    fn main(…) {
      let N = sizes[0].x;
      let max_N = sizes[0].y;
      let at_at = 1600 + 8 * max_N; // i32 [N]
      let n = i32(group.x + group.y * groups.x) * 64 + i32(lane);
      let owner = n / 8;
      let i1 = n % 8;
      for (var i0 = 0; i0 < N; i0++) {
        let at = bitcast<i32>(arena[at_at + i0]);
        if ((0 <= at && at < 100) && at % 1024 == owner) {
          let at2 = at_result + i1 + at * 8;
          arena[at2] = bitcast<u32>(bitcast<f32>(arena[at2]) + bitcast<f32>(arena[at_gather + i0 * 8 + i1]));
        }
      }
    }
    "
  `);
});
