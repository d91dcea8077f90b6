import { describe, expect, test } from "vitest";
import { refusal } from "./reading.test-source.ts";

describe("the module", () => {
  test("CT101 nothing to build", () => {
    expect(
      refusal(`
      export const f = (x: Tensor<[4]>) => relu(x);
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:1:1  CT101  this module exports no model: there is nothing to build.
       1 | import { relu, type Tensor } from "cotangent";
         | ^
      Export one: \`export const f = model((x: Tensor<[2]>) => …)\`."
    `);
  });
  test("CT102 what runs on import", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[4]>) => relu(x));
      setTimeout(() => undefined, 10);
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:1  CT102  an expression at the top of a module runs when it is imported; a build runs nothing.
       3 | setTimeout(() => undefined, 10);
         | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      Keep declarations here, and move what runs to a file that imports this one."
    `);
  });
  test("CT103 a package", () => {
    expect(
      refusal(`
      import { sep } from "node:path";
      export const f = model((x: Tensor<[4]>) => mul(x, sep.length));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:10  CT103  \`sep\` comes from "node:path", whose source is not read.
       2 | import { sep } from "node:path";
         |          ^^^
      A model is made of functions from \`cotangent\` and of your own modules; pass anything else in as a parameter."
    `);
  });
  test("CT134 a model without a name", () => {
    expect(
      refusal(`
      export default model((x: Tensor<[4]>) => relu(x));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:1  CT134  a model that is exported as default has no name.
       2 | export default model((x: Tensor<[4]>) => relu(x));
         | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      Write \`export const f = model(…)\`."
    `);
  });
});

describe("the build as a whole", () => {
  test("CT130 too long a loop", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let h = x;
        let n = 0;
        for (let i = 0; i < 1e9; i++) {
          for (const k of [1, 2]) n += k;
        }
        h = mul(h, n);
        return h;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:5:3  CT130  this takes more than 100,000 steps to read; this loop has run 5,000 times.
       5 |   for (let i = 0; i < 1e9; i++) {
         |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      A static loop is unrolled: make it shorter, or compute over an axis of a tensor."
    `);
  });
  test("CT130 a text that doubles", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let text = "ab";
        for (let i = 0; i < 1000; i++) text = text + text;
        return mul(x, text.length);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:3  CT130  this takes more than 100,000 steps to read; this loop has run 22 times.
       4 |   for (let i = 0; i < 1000; i++) text = text + text;
         |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      A static loop is unrolled: make it shorter, or compute over an axis of a tensor."
    `);
  });
  test("CT130 a long array", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, Array.from({ length: 1e8 }, (_, i) => i).length);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:17  CT130  this takes more than 100,000 steps to read.
       3 |   return mul(x, Array.from({ length: 1e8 }, (_, i) => i).length);
         |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      A static loop is unrolled: make it shorter, or compute over an axis of a tensor."
    `);
  });
  test("CT131 recursion without an end", () => {
    expect(
      refusal(`
      const again = (x: Tensor<[4]>): Tensor<[4]> => relu(again(x));
      export const f = model((x: Tensor<[4]>) => again(x));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:53  CT131  more than 100 calls inside each other: the recursion does not end at build time.
       2 | const again = (x: Tensor<[4]>): Tensor<[4]> => relu(again(x));
         |                                                     ^^^^^^^^
      End it on something static, or write a \`for\`."
    `);
  });
  test("CT132 a shape rule, past TypeScript", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const w: any = iota(3);
        return matmul(x, w);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:10  CT132  matmul: dtypes differ: f32 and i32.
       4 |   return matmul(x, w);
         |          ^^^^^^^^^^^^
      Write cast(…, "f32")."
    `);
  });
  test("CT132 a way out of the rule's own", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const n: any = iota(4);
        return add(x, n) as Tensor<["B", 4]>;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:10  CT132  add: dtypes differ: f32 and i32.
       4 |   return add(x, n) as Tensor<["B", 4]>;
         |          ^^^^^^^^^
      Write cast(…, "f32")."
    `);
  });
  test("CT132 inside a derivative", () => {
    expect(
      refusal(`
      const cost = (x: Tensor<[4]>) => sum(reshape(x, [3 as number]));
      export const f = model((x: Tensor<[4]>) => grad(cost)(x));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:38  CT132  reshape: [4] has 4 elements but [3] has 3.
       2 | const cost = (x: Tensor<[4]>) => sum(reshape(x, [3 as number]));
         |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^"
    `);
  });
  test("CT133 a result that is no tensor", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return { y: relu(x), name: "relu" };
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:14  CT133  \`f\` returns the text "relu" at \`name\`: a model returns tensors, in objects and tuples.
       2 | export const f = model((x: Tensor<["B", 4]>) => {
         |              ^
      Return a tensor: \`ones([])\` is the number 1."
    `);
  });
});

describe("parameters", () => {
  test("CT140 no type", () => {
    expect(
      refusal(`
      export const f = model((x: any) => relu(x as Tensor<[4]>));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:25  CT140  \`x\` has the type \`any\`: its shape is not known.
       2 | export const f = model((x: any) => relu(x as Tensor<[4]>));
         |                         ^^^^^^
      Annotate it: \`x: Tensor<["B", 784]>\`."
    `);
  });
  test("CT141 a size that is any name", () => {
    expect(
      refusal(`
      const energy = (x: Tensor<[string, 4]>) => sum(mul(x, x));
      export const slope = grad(energy);
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:14  CT141  a size of \`slope[0]\` is \`string\`: a built model needs a number or a name.
       3 | export const slope = grad(energy);
         |              ^^^^^
      Write the number, or a name for what varies: \`Tensor<["B", 784]>\`."
    `);
  });
  test("CT142 a rank that is not known", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor) => {
        return relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:25  CT142  \`x\` has an unknown number of axes.
       2 | export const f = model((x: Tensor) => {
         |                         ^^^^^^^^^
      Write each axis; a model over \`"...L"\` is built where another model calls it, so do not export it from here."
    `);
  });
  test("CT142 a variadic model", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["...L", 4]>) => {
        return relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:25  CT142  \`x\` has an unknown number of axes.
       2 | export const f = model((x: Tensor<["...L", 4]>) => {
         |                         ^^^^^^^^^^^^^^^^^^^^^^
      Write each axis; a model over \`"...L"\` is built where another model calls it, so do not export it from here."
    `);
  });
  test("CT143 an array of layers", () => {
    expect(
      refusal(`
      type Layer = { w: Tensor<[4]> };
      type Params = { layers: Layer[] };
      export const f: Model<[Tensor<[4]>], Tensor<[4]>> = model(((p: Params) => relu(p.layers[0]!.w)) as never);
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:17  CT143  \`p.layers\` is an array, \`Layer[]\`: how many there are is not known.
       3 | type Params = { layers: Layer[] };
         |                 ^^^^^^^^^^^^^^^
      Write a tuple: \`[Layer, Layer, Layer]\`."
    `);
  });
  test("CT144 several types", () => {
    expect(
      refusal(`
      export const f: Model<[Tensor<[4]>], Tensor<[4]>> = model(((x: Tensor<[4]> | Tensor<[5]>) => relu(x as Tensor<[4]>)) as never);
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:61  CT144  \`x\` is one of several, \`Tensor<[4], "f32"> | Tensor<[5], "f32">\`.
       2 | export const f: Model<[Tensor<[4]>], Tensor<[4]>> = model(((x: Tensor<[4]> | Tensor<[5]>) => relu(x as Tensor<[4]>)) as never);
         |                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      Write one model for each."
    `);
  });
  test("CT144 several sizes", () => {
    expect(
      refusal(`
      export const f: Model<[Tensor<[4]>], Tensor<[4]>> = model(((x: Tensor<[4 | 5]>) => relu(x as Tensor<[4]>)) as never);
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:61  CT144  \`a size of x\` is one of several, \`4 | 5\`.
       2 | export const f: Model<[Tensor<[4]>], Tensor<[4]>> = model(((x: Tensor<[4 | 5]>) => relu(x as Tensor<[4]>)) as never);
         |                                                             ^^^^^^^^^^^^^^^^^^
      Write one model for each."
    `);
  });
  test("CT145 a type parameter", () => {
    expect(
      refusal(`
      function make<T extends Tensor<[4]>>(): Model<[T], Tensor<[4]>> {
        return model(((x: T) => relu(x as Tensor<[4]>)) as never);
      }
      export const f = make<Tensor<[4]>>();
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:18  CT145  \`x\` is generic in \`T\`.
       3 |   return model(((x: T) => relu(x as Tensor<[4]>)) as never);
         |                  ^^^^
      Write sizes as names, \`Tensor<["B", 784]>\`: a model unifies them at each call. Other type parameters belong to functions that are not exported models."
    `);
  });
  test("CT145 a size that is a type parameter", () => {
    expect(
      refusal(`
      function make<N extends number>(): Model<[Tensor<[N]>], Tensor<[4]>> {
        return model(((x: Tensor<[N]>) => relu(x as never)) as never);
      }
      export const f = make<4>();
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:18  CT145  \`x\` is generic in \`N\`.
       3 |   return model(((x: Tensor<[N]>) => relu(x as never)) as never);
         |                  ^^^^^^^^^^^^^^
      Write sizes as names, \`Tensor<["B", 784]>\`: a model unifies them at each call. Other type parameters belong to functions that are not exported models."
    `);
  });
  test("CT146 a parameter that may be left out", () => {
    expect(
      refusal(`
      export const f: Model<[Tensor<[4]>], Tensor<[4]>> = model(((x: Tensor<[4]>, scale = 2) => mul(x, scale)) as never);
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:77  CT146  \`scale\` is not always there: an exported model has a fixed list of parameters.
       2 | export const f: Model<[Tensor<[4]>], Tensor<[4]>> = model(((x: Tensor<[4]>, scale = 2) => mul(x, scale)) as never);
         |                                                                             ^^^^^^^^^
      Make it a parameter like the others, or a constant in the body."
    `);
  });
  test("CT146 a field that may be left out", () => {
    expect(
      refusal(`
      type Params = {
        w: Tensor<[4]>;
        b?: Tensor<[4]>;
      };
      export const f = model((p: Params) => relu(p.w));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:3  CT146  \`p.b\` is not always there: an exported model has a fixed list of parameters.
       4 |   b?: Tensor<[4]>;
         |   ^^^^^^^^^^^^^^^^
      Make it a parameter like the others, or a constant in the body."
    `);
  });
  test("CT147 a setting", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[4]>, train: boolean) => {
        return train ? relu(x) : x;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:41  CT147  \`train\` is \`boolean\`: only tensors and numbers are passed to a built model.
       2 | export const f = model((x: Tensor<[4]>, train: boolean) => {
         |                                         ^^^^^^^^^^^^^^
      Fix it in the source: write a function that takes it and returns the model."
    `);
  });
  test("CT148 a size that is no expression", () => {
    expect(
      refusal(`
      // @ts-expect-error
      export const f = model((x: Tensor<["B/2"]>) => {
        return relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:25  CT148  a size of \`x\`: "B/2" is not a sum of products: "B/2" is neither a name nor a whole number.
       3 | export const f = model((x: Tensor<["B/2"]>) => {
         |                         ^^^^^^^^^^^^^^^^^^
      Write sums and products of names and whole numbers: \`"4*B"\`, \`"T+1"\`."
    `);
    expect(refusal('// @ts-expect-error\nexport const f = model((x: Tensor<["-B"]>) => relu(x));')).toContain(
      'CT148  a size of `x`: "-B" is never a size.',
    );
  });
});

describe("TypeScript comes first", () => {
  test("a shape that does not fit", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[32, 784]>, w: Tensor<[128, 10]>) => {
        return matmul(x, w);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:20  TS2345  Argument of type 'Tensor<[128, 10], "f32">' is not assignable to parameter of type '"matmul: inner dimensions differ: [32, 784] x [128, 10] (784 vs 128)"'.
       3 |   return matmul(x, w);
         |                    ^"
    `);
  });
  test("an operator between tensors", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return sum(x) > 1 ? x : relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:10  TS2365  Operator '>' cannot be applied to types 'Tensor<[], "f32">' and 'number'.
       3 |   return sum(x) > 1 ? x : relu(x);
         |          ^^^^^^^^^^
      Write \`greater(sum(x), 1)\`."
    `);
  });
  test("arithmetic between tensors", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return x + relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:10  TS2365  Operator '+' cannot be applied to types 'Tensor<["B", 4], "f32">' and 'Tensor<["B", 4], "f32">'.
       3 |   return x + relu(x);
         |          ^^^^^^^^^^^
      Write \`add(x, relu(x))\`."
    `);
  });
  test("syntax", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[4]>) => relu(x);
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:51  TS1005  ')' expected.
       2 | export const f = model((x: Tensor<[4]>) => relu(x);
         |                                                   ^"
    `);
  });
  test("several mistakes", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[4]>) => relux(x));
      export const g = model((x: Tensor<[4]>) => add(x));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:44  TS2304  Cannot find name 'relux'.
       2 | export const f = model((x: Tensor<[4]>) => relux(x));
         |                                            ^^^^^

      wrong.ts:3:44  TS2554  Expected 2 arguments, but got 1.
       3 | export const g = model((x: Tensor<[4]>) => add(x));
         |                                            ^^^"
    `);
  });
});
