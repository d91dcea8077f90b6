/**
 * Arithmetic on whole numbers as types, digit by digit: exact up to 2⁵³, and as cheap for 100352 as for 3 (a tuple of that length is not).
 * Digits are strings, least significant first, while we count; each table gives two digits: what is carried (or borrowed), and what stays.
 */

/** Sum[a][b] = a + b; a is a digit or, with a carry in, 10. */
type Sum = {
  "0": ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09"];
  "1": ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10"];
  "2": ["02", "03", "04", "05", "06", "07", "08", "09", "10", "11"];
  "3": ["03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
  "4": ["04", "05", "06", "07", "08", "09", "10", "11", "12", "13"];
  "5": ["05", "06", "07", "08", "09", "10", "11", "12", "13", "14"];
  "6": ["06", "07", "08", "09", "10", "11", "12", "13", "14", "15"];
  "7": ["07", "08", "09", "10", "11", "12", "13", "14", "15", "16"];
  "8": ["08", "09", "10", "11", "12", "13", "14", "15", "16", "17"];
  "9": ["09", "10", "11", "12", "13", "14", "15", "16", "17", "18"];
  "10": ["10", "11", "12", "13", "14", "15", "16", "17", "18", "19"];
};

/** Difference[a][b] = a − b, borrowing 10 where a < b; b is a digit or, with a borrow in, 10. */
type Difference = {
  "0": ["00", "19", "18", "17", "16", "15", "14", "13", "12", "11", "10"];
  "1": ["01", "00", "19", "18", "17", "16", "15", "14", "13", "12", "11"];
  "2": ["02", "01", "00", "19", "18", "17", "16", "15", "14", "13", "12"];
  "3": ["03", "02", "01", "00", "19", "18", "17", "16", "15", "14", "13"];
  "4": ["04", "03", "02", "01", "00", "19", "18", "17", "16", "15", "14"];
  "5": ["05", "04", "03", "02", "01", "00", "19", "18", "17", "16", "15"];
  "6": ["06", "05", "04", "03", "02", "01", "00", "19", "18", "17", "16"];
  "7": ["07", "06", "05", "04", "03", "02", "01", "00", "19", "18", "17"];
  "8": ["08", "07", "06", "05", "04", "03", "02", "01", "00", "19", "18"];
  "9": ["09", "08", "07", "06", "05", "04", "03", "02", "01", "00", "19"];
};

/** Product[a][b] = a · b. */
type Product = {
  "0": ["00", "00", "00", "00", "00", "00", "00", "00", "00", "00"];
  "1": ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09"];
  "2": ["00", "02", "04", "06", "08", "10", "12", "14", "16", "18"];
  "3": ["00", "03", "06", "09", "12", "15", "18", "21", "24", "27"];
  "4": ["00", "04", "08", "12", "16", "20", "24", "28", "32", "36"];
  "5": ["00", "05", "10", "15", "20", "25", "30", "35", "40", "45"];
  "6": ["00", "06", "12", "18", "24", "30", "36", "42", "48", "54"];
  "7": ["00", "07", "14", "21", "28", "35", "42", "49", "56", "63"];
  "8": ["00", "08", "16", "24", "32", "40", "48", "56", "64", "72"];
  "9": ["00", "09", "18", "27", "36", "45", "54", "63", "72", "81"];
};

/** Carried[c][a] = a + c: how a carry or a borrow enters the tables. */
type Carried = {
  "0": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
  "1": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
};
type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type Carry = "0" | "1";

type Reverse<S extends string, Out extends string = ""> = S extends `${infer H}${infer T}` ? Reverse<T, `${H}${Out}`> : Out;
type Trim<S extends string> = S extends `0${infer T}` ? (T extends "" ? "0" : Trim<T>) : S extends "" ? "0" : S;
type ToNumber<S extends string> = S extends `${infer N extends number}` ? N : never;
type Digits<N extends number> = Reverse<`${N}`>;
type Value<R extends string> = ToNumber<Trim<Reverse<R>>>;

type AddDigits<
  A extends string,
  B extends string,
  C extends Carry = "0",
  Out extends string = "",
> = A extends `${infer a extends Digit}${infer As}`
  ? B extends `${infer b extends Digit}${infer Bs}`
    ? Sum[Carried[C][a]][b] extends `${infer c extends Carry}${infer d}`
      ? AddDigits<As, Bs, c, `${Out}${d}`>
      : never
    : C extends "0"
      ? `${Out}${A}`
      : AddDigits<A, "0", C, Out>
  : B extends ""
    ? C extends "0"
      ? Out
      : `${Out}1`
    : C extends "0"
      ? `${Out}${B}`
      : AddDigits<"0", B, C, Out>;

/** "negative" where B > A. */
type SubtractDigits<
  A extends string,
  B extends string,
  C extends Carry = "0",
  Out extends string = "",
> = A extends `${infer a extends Digit}${infer As}`
  ? B extends `${infer b extends Digit}${infer Bs}`
    ? Difference[a][Carried[C][b]] extends `${infer c extends Carry}${infer d}`
      ? SubtractDigits<As, Bs, c, `${Out}${d}`>
      : never
    : C extends "0"
      ? `${Out}${A}`
      : SubtractDigits<A, "0", C, Out>
  : B extends ""
    ? C extends "0"
      ? Out
      : "negative"
    : SubtractDigits<"0", B, C, Out>;

/** A times one digit. */
type Scale<
  A extends string,
  D extends Digit,
  C extends Digit = "0",
  Out extends string = "",
> = A extends `${infer a extends Digit}${infer As}`
  ? Product[a][D] extends `${infer tens extends Digit}${infer ones extends Digit}`
    ? Sum[ones][C] extends `${infer c extends Carry}${infer d}`
      ? Scale<As, D, Carried[c][tens] & Digit, `${Out}${d}`>
      : never
    : never
  : C extends "0"
    ? Out
    : `${Out}${C}`;

type MultiplyDigits<
  A extends string,
  B extends string,
  Zeros extends string = "",
  Out extends string = "",
> = B extends `${infer b extends Digit}${infer Bs}`
  ? MultiplyDigits<A, Bs, `${Zeros}0`, b extends "0" ? Out : AddDigits<Out, `${Zeros}${Scale<A, b>}`>>
  : Out;

/** Long division, A's most significant digit first: how often B goes into the remainder R is found by subtracting it. Quotient and remainder. */
type DivideDigits<A extends string, B extends string, R extends string = "", Q extends string = ""> = A extends `${infer a}${infer As}`
  ? Times<`${a}${R}`, B> extends [infer q extends string, infer r extends string]
    ? DivideDigits<As, B, r, `${Q}${q}`>
    : never
  : [Q, R];
type Times<R extends string, B extends string, Q extends string = "0"> =
  SubtractDigits<R, B> extends infer Left extends string
    ? Left extends "negative"
      ? [Q, R]
      : Times<Left, B, Carried["1"][Q & Digit]>
    : never;
type IsZero<R extends string> = R extends `${infer d}${infer Rs}` ? (d extends "0" ? IsZero<Rs> : false) : true;

/** A + B. */
export type NatAdd<A extends number, B extends number> = A extends 0 ? B : B extends 0 ? A : Value<AddDigits<Digits<A>, Digits<B>>>;

/** A − B, or never where that is negative. */
export type NatSubtract<A extends number, B extends number> = B extends 0
  ? A
  : SubtractDigits<Digits<A>, Digits<B>> extends infer R extends string
    ? R extends "negative"
      ? never
      : Value<R>
    : never;

/** A · B. */
export type NatMultiply<A extends number, B extends number> = A extends 0 | 1
  ? A extends 0
    ? 0
    : B
  : B extends 0 | 1
    ? B extends 0
      ? 0
      : A
    : Value<MultiplyDigits<Digits<A>, Digits<B>>>;

/** A / B where B divides A, else never. */
export type NatDivide<A extends number, B extends number> = B extends 0
  ? never
  : B extends 1
    ? A
    : DivideDigits<`${A}`, Digits<B>> extends [infer Q extends string, infer R extends string]
      ? IsZero<R> extends true
        ? ToNumber<Trim<Q>>
        : never
      : never;

/** ⌊A / B⌋. */
export type NatQuotient<A extends number, B extends number> = B extends 0
  ? never
  : B extends 1
    ? A
    : DivideDigits<`${A}`, Digits<B>> extends [infer Q extends string, string]
      ? ToNumber<Trim<Q>>
      : never;

/** A ≥ B. */
export type AtLeast<A extends number, B extends number> = SubtractDigits<Digits<A>, Digits<B>> extends "negative" ? false : true;
