import type { Equal, Expect } from "./expect.test-tools.ts";
import type { Add, Divide, Multiply, Negate, Subtract } from "./int.ts";
import type { AtLeast, NatAdd, NatDivide, NatMultiply, NatSubtract } from "./nat.ts";

export type WholeNumbers = [
  Expect<Equal<NatAdd<999, 1>, 1000>>,
  Expect<Equal<NatAdd<5, 1234567>, 1234572>>,
  Expect<Equal<NatAdd<1234567, 5>, 1234572>>,
  Expect<Equal<NatAdd<0, 0>, 0>>,
  Expect<Equal<NatAdd<95, 905>, 1000>>,
  Expect<Equal<NatSubtract<1000, 1>, 999>>,
  Expect<Equal<NatSubtract<1000, 1000>, 0>>,
  Expect<Equal<NatSubtract<3, 5>, never>>,
  Expect<Equal<NatMultiply<784, 128>, 100352>>,
  Expect<Equal<NatMultiply<32768, 30518>, 1000013824>>,
  Expect<Equal<NatMultiply<99999, 99999>, 9999800001>>,
  Expect<Equal<NatMultiply<2147483647, 4194304>, 9007199250546688>>,
  Expect<Equal<NatMultiply<1000, 0>, 0>>,
  Expect<Equal<NatDivide<100352, 128>, 784>>,
  Expect<Equal<NatDivide<1000013824, 30518>, 32768>>,
  Expect<Equal<NatDivide<1000, 10>, 100>>,
  Expect<Equal<NatDivide<0, 7>, 0>>,
  Expect<Equal<NatDivide<7, 2>, never>>,
  Expect<Equal<NatDivide<7, 0>, never>>,
  Expect<Equal<AtLeast<10, 9>, true>>,
  Expect<Equal<AtLeast<9, 10>, false>>,
  Expect<Equal<AtLeast<9, 9>, true>>,
];

export type SignedNumbers = [
  Expect<Equal<Add<3, -5>, -2>>,
  Expect<Equal<Add<-3, 5>, 2>>,
  Expect<Equal<Add<-3, -5>, -8>>,
  Expect<Equal<Add<5, -5>, 0>>,
  Expect<Equal<Subtract<5, 17>, -12>>,
  Expect<Equal<Subtract<5, -17>, 22>>,
  Expect<Equal<Multiply<-3, 4>, -12>>,
  Expect<Equal<Multiply<-3, -4>, 12>>,
  Expect<Equal<Multiply<-3, 0>, 0>>,
  Expect<Equal<Divide<-12, 4>, -3>>,
  Expect<Equal<Divide<-12, 5>, never>>,
  Expect<Equal<Negate<0>, 0>>,
];
