import type { Canonical, CanonicalShape, DimAdd, DimDivide, DimMultiply, DimSubtract, SameDim, Size } from "./dim.ts";
import type { Equal, Expect } from "./expect.test-tools.ts";

export type WhateverTheUserWrites = [
  Expect<Equal<Canonical<"T*B">, "B*T">>,
  Expect<Equal<Canonical<"1+T">, "T+1">>,
  Expect<Equal<Canonical<"T*2*B*3">, "6*B*T">>,
  Expect<Equal<Canonical<"T - 1">, "T-1">>,
  Expect<Equal<Canonical<"-1+T+2*B">, "2*B+T-1">>,
  Expect<Equal<Canonical<"T+T">, "2*T">>,
  Expect<Equal<Canonical<"T-T">, 0>>,
  Expect<Equal<Canonical<"2*3">, 6>>,
  Expect<Equal<Canonical<"6-T">, "-T+6">>,
  Expect<Equal<Canonical<"T+B*T+B">, "B+B*T+T">>,
  Expect<Equal<Canonical<"b+B+_c+B2">, "B+B2+_c+b">>,
  Expect<Equal<Canonical<"B">, "B">>,
  Expect<Equal<Canonical<784>, 784>>,
  Expect<Equal<Canonical<number>, number>>,
  Expect<Equal<CanonicalShape<readonly ["T*B", 3]>, ["B*T", 3]>>,
];

export type Arithmetic = [
  Expect<Equal<DimAdd<"T", 1>, "T+1">>,
  Expect<Equal<DimAdd<"T+1", -1>, "T">>,
  Expect<Equal<DimAdd<"T", "B">, "B+T">>,
  Expect<Equal<DimAdd<"T", "2*T">, "3*T">>,
  Expect<Equal<DimAdd<"T", number>, number>>,
  Expect<Equal<DimSubtract<"T+5", "T">, 5>>,
  Expect<Equal<DimSubtract<3, "T">, "-T+3">>,
  Expect<Equal<DimSubtract<"T", "T">, 0>>,
  Expect<Equal<DimMultiply<"T+1", 4>, "4*T+4">>,
  Expect<Equal<DimMultiply<"T+1", "T-1">, "T*T-1">>,
  Expect<Equal<DimMultiply<"T", "B">, "B*T">>,
  Expect<Equal<DimMultiply<"T", 0>, 0>>,
  Expect<Equal<DimDivide<"4*B*T", "2*T">, "2*B">>,
  Expect<Equal<DimDivide<"4*B+2", 2>, "2*B+1">>,
  Expect<Equal<DimDivide<"4*B+2", 4>, never>>,
  Expect<Equal<DimDivide<"B*T+B", "B">, "T+1">>,
  Expect<Equal<DimDivide<"T+1", "1+T">, 1>>,
  Expect<Equal<DimDivide<"B*T+B", "T+1">, never>>,
  Expect<Equal<Size<["B", 28, 28]>, "784*B">>,
  Expect<Equal<Size<[1000, 1000, 1000]>, 1000000000>>,
  Expect<Equal<Size<[]>, 1>>,
  Expect<Equal<Size<["B", number]>, number>>,
];

export type Same = [
  Expect<Equal<SameDim<"T*B", "B*T">, true>>,
  Expect<Equal<SameDim<"T", "B">, false>>,
  Expect<Equal<SameDim<number, 3>, true>>,
  Expect<Equal<SameDim<16 | 32, 16 | 32>, false>>,
  Expect<Equal<SameDim<16, 16 | 32>, false>>,
  Expect<Equal<SameDim<784, 785>, false>>,
];
