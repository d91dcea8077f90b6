/** Whole small kernels, as they are generated. A change here is a change of what people run: read it. */
import { expect, test } from "vitest";
import { sum } from "../../dsl/ops/broadcast.ts";
import { dotGeneral } from "../../dsl/ops/dot.ts";
import { add, maximum, mul } from "../../dsl/ops/scalar.ts";
import type { Value } from "../../dsl/value.ts";
import { spec, traced } from "../traced.test-source.ts";
import { functionsText } from "./text.test-source.ts";

test("elementwise: four at a time, then what is left", () => {
  const f = (x: Value, y: Value): Value => maximum(add(mul(x, 2), y), 0);
  const graph = traced("f", f, { x: spec(["B", 3]), y: spec(["B", 3]) });
  expect(functionsText(graph, "f.result", true)).toMatchInlineSnapshot(`
    "(func $f.result (param $0 i32) (param $1 i32) (local $2 i32) (local $3 i32) (local $4 i32)
      (local.set $2 (i32.add (i32.const 128) (i32.mul (global.get $max:B) (i32.const 12))))
      (local.set $3 (i32.add (i32.const 128) (i32.mul (global.get $max:B) (i32.const 24))))
      (local.set $4 (i32.sub (local.get $1) (i32.and (i32.sub (local.get $1) (local.get $0)) (i32.const 3))))
      (if
        (i32.lt_s (local.get $0) (local.get $4))
        (then
          (loop $l0
            (v128.store align=4
              (i32.add (local.get $3) (i32.shl (local.get $0) (i32.const 2)))
              (f32x4.max
                (f32x4.relaxed_madd
                  (v128.load offset=128 align=4 (i32.shl (local.get $0) (i32.const 2)))
                  (global.get $"f32 2")
                  (v128.load align=4 (i32.add (local.get $2) (i32.shl (local.get $0) (i32.const 2)))))
                (v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000)))
            (br_if $l0 (i32.lt_s (local.tee $0 (i32.add (local.get $0) (i32.const 4))) (local.get $4))))))
      (if
        (i32.lt_s (local.get $0) (local.get $1))
        (then
          (loop $l1
            (f32.store
              (i32.add (local.get $3) (i32.shl (local.get $0) (i32.const 2)))
              (f32.max
                (f32.add
                  (f32.mul (f32.load offset=128 (i32.shl (local.get $0) (i32.const 2))) (f32.const 2))
                  (f32.load (i32.add (local.get $2) (i32.shl (local.get $0) (i32.const 2)))))
                (f32.const 0)))
            (br_if $l1 (i32.lt_s (local.tee $0 (i32.add (local.get $0) (i32.const 1))) (local.get $1)))))))"
  `);
});

test("a row's sum: four partial sums, added at its end", () => {
  const f = (x: Value): Value => sum(mul(x, x), 1);
  expect(functionsText(traced("f", f, { x: spec(["B", 20]) }), "f.result")).toMatchInlineSnapshot(`
    "(func $f.result (param $0 i32) (param $1 i32) (local $2 v128) (local $3 i32) (local $4 i32) (local $5 i32) (local $6 i32) (local $7 f32)
      (local.set $4 (i32.add (i32.const 128) (i32.mul (global.get $max:B) (i32.const 80))))
      (if
        (i32.lt_s (local.get $0) (local.get $1))
        (then
          (loop $l0
            (local.set $5 (i32.mul (local.get $0) (i32.const 80)))
            (local.set $6 (i32.add (local.get $4) (i32.shl (local.get $0) (i32.const 2))))
            (local.set $2 (f32x4.splat (f32.const 0)))
            (local.set $7 (f32.const 0))
            (local.set $3 (i32.const 0))
            (loop $l1
              (local.set $2
                (f32x4.add
                  (local.get $2)
                  (f32x4.mul
                    (local.tee $2
                      (v128.load offset=128 align=4 (i32.add (local.get $5) (i32.shl (local.get $3) (i32.const 2)))))
                    (local.get $2))))
              (br_if $l1 (i32.lt_s (local.tee $3 (i32.add (local.get $3) (i32.const 4))) (i32.const 20))))
            (f32.store
              (local.get $6)
              (f32.add
                (f32.add
                  (f32.add
                    (f32.add (local.get $7) (f32x4.extract_lane 0 (local.get $2)))
                    (f32x4.extract_lane 1 (local.get $2)))
                  (f32x4.extract_lane 2 (local.get $2)))
                (f32x4.extract_lane 3 (local.get $2))))
            (br_if $l0 (i32.lt_s (local.tee $0 (i32.add (local.get $0) (i32.const 1))) (local.get $1)))))))"
  `);
});

test("a contraction's inner kernel: 4 rows × 8 columns", () => {
  // Of a transposed left operand, whose rows are neighbours, and of more k than are worth writing out.
  const f = (x: Value, y: Value): Value => dotGeneral(x, y, { contract: [[0], [0]] });
  expect(functionsText(traced("f", f, { x: spec(["K", "M"]), y: spec(["K", 8]) }), "contract_4x8", true)).toMatchInlineSnapshot(`
    "(func $contract_4x8 (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (param $4 i32) (param $5 i32) (param $6 i32) (param $7 i32) (local $8 v128) (local $9 v128) (local $10 v128) (local $11 i32) (local $12 i32) (local $13 v128) (local $14 v128) (local $15 v128) (local $16 v128) (local $17 v128) (local $18 v128) (local $19 v128) (local $20 v128)
      (local.set $1
        (i32.add
          (local.tee $12 (i32.add (local.tee $11 (i32.add (local.get $0) (local.get $1))) (local.get $1)))
          (local.get $1)))
      (local.set $13
        (if (result v128)
          (i32.eqz (local.get $7))
          (then
            (local.set $14 (v128.load offset=16 (local.get $5)))
            (local.set $15 (v128.load offset=32 (local.get $5)))
            (local.set $16 (v128.load offset=48 (local.get $5)))
            (local.set $17 (v128.load offset=64 (local.get $5)))
            (local.set $18 (v128.load offset=80 (local.get $5)))
            (local.set $19 (v128.load offset=96 (local.get $5)))
            (local.set $20 (v128.load offset=112 (local.get $5)))
            (v128.load (local.get $5)))
          (else (local.get $13))))
      (if
        (i32.ge_s (local.get $6) (i32.const 2))
        (then
          (loop $l0
            (local.set $13
              (f32x4.relaxed_madd
                (local.tee $8 (v128.load32_splat (local.get $0)))
                (local.tee $9 (v128.load align=4 (local.get $3)))
                (local.get $13)))
            (local.set $14
              (f32x4.relaxed_madd
                (local.get $8)
                (local.tee $10 (v128.load offset=16 align=4 (local.get $3)))
                (local.get $14)))
            (local.set $15
              (f32x4.relaxed_madd (local.tee $8 (v128.load32_splat (local.get $11))) (local.get $9) (local.get $15)))
            (local.set $16 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $16)))
            (local.set $17
              (f32x4.relaxed_madd (local.tee $8 (v128.load32_splat (local.get $12))) (local.get $9) (local.get $17)))
            (local.set $18 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $18)))
            (local.set $19
              (f32x4.relaxed_madd (local.tee $8 (v128.load32_splat (local.get $1))) (local.get $9) (local.get $19)))
            (local.set $20 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $20)))
            (local.set $9 (v128.load align=4 (local.tee $3 (i32.add (local.get $3) (local.get $4)))))
            (local.set $10 (v128.load offset=16 align=4 (local.get $3)))
            (local.set $3 (i32.add (local.get $3) (local.get $4)))
            (local.set $8 (v128.load32_splat (local.tee $0 (i32.add (local.get $0) (local.get $2)))))
            (local.set $0 (i32.add (local.get $0) (local.get $2)))
            (local.set $13 (f32x4.relaxed_madd (local.get $8) (local.get $9) (local.get $13)))
            (local.set $14 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $14)))
            (local.set $8 (v128.load32_splat (local.tee $11 (i32.add (local.get $11) (local.get $2)))))
            (local.set $11 (i32.add (local.get $11) (local.get $2)))
            (local.set $15 (f32x4.relaxed_madd (local.get $8) (local.get $9) (local.get $15)))
            (local.set $16 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $16)))
            (local.set $8 (v128.load32_splat (local.tee $12 (i32.add (local.get $12) (local.get $2)))))
            (local.set $12 (i32.add (local.get $12) (local.get $2)))
            (local.set $17 (f32x4.relaxed_madd (local.get $8) (local.get $9) (local.get $17)))
            (local.set $18 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $18)))
            (local.set $8 (v128.load32_splat (local.tee $1 (i32.add (local.get $1) (local.get $2)))))
            (local.set $1 (i32.add (local.get $1) (local.get $2)))
            (local.set $19 (f32x4.relaxed_madd (local.get $8) (local.get $9) (local.get $19)))
            (local.set $20 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $20)))
            (br_if $l0 (i32.ge_s (local.tee $6 (i32.add (local.get $6) (i32.const -2))) (i32.const 2))))))
      (if
        (i32.ge_s (local.get $6) (i32.const 1))
        (then
          (loop $l1
            (local.set $9 (v128.load align=4 (local.get $3)))
            (local.set $10 (v128.load offset=16 align=4 (local.get $3)))
            (local.set $3 (i32.add (local.get $3) (local.get $4)))
            (local.set $8 (v128.load32_splat (local.get $0)))
            (local.set $0 (i32.add (local.get $0) (local.get $2)))
            (local.set $13 (f32x4.relaxed_madd (local.get $8) (local.get $9) (local.get $13)))
            (local.set $14 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $14)))
            (local.set $8 (v128.load32_splat (local.get $11)))
            (local.set $11 (i32.add (local.get $11) (local.get $2)))
            (local.set $15 (f32x4.relaxed_madd (local.get $8) (local.get $9) (local.get $15)))
            (local.set $16 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $16)))
            (local.set $8 (v128.load32_splat (local.get $12)))
            (local.set $12 (i32.add (local.get $12) (local.get $2)))
            (local.set $17 (f32x4.relaxed_madd (local.get $8) (local.get $9) (local.get $17)))
            (local.set $18 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $18)))
            (local.set $8 (v128.load32_splat (local.get $1)))
            (local.set $1 (i32.add (local.get $1) (local.get $2)))
            (local.set $19 (f32x4.relaxed_madd (local.get $8) (local.get $9) (local.get $19)))
            (local.set $20 (f32x4.relaxed_madd (local.get $8) (local.get $10) (local.get $20)))
            (br_if $l1 (i32.ge_s (local.tee $6 (i32.add (local.get $6) (i32.const -1))) (i32.const 1))))))
      (v128.store (local.get $5) (local.get $13))
      (v128.store offset=16 (local.get $5) (local.get $14))
      (v128.store offset=32 (local.get $5) (local.get $15))
      (v128.store offset=48 (local.get $5) (local.get $16))
      (v128.store offset=64 (local.get $5) (local.get $17))
      (v128.store offset=80 (local.get $5) (local.get $18))
      (v128.store offset=96 (local.get $5) (local.get $19))
      (v128.store offset=112 (local.get $5) (local.get $20)))"
  `);
});
