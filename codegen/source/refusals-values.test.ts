import { describe, expect, test } from "vitest";
import { refusal } from "./reading.test-source.ts";

describe("what depends on data", () => {
  test("CT104 `if` on a tensor", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        if (greater(sum(x), 1)) return relu(x);
        return x;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:7  CT104  \`if\` on a tensor: its value is not known at build time.
       3 |   if (greater(sum(x), 1)) return relu(x);
         |       ^^^^^^^^^^^^^^^^^^
      Write it as \`where(greater(sum(x), 1), …, …)\`."
    `);
  });
  test("CT104 `if` on a run-time number", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[4]>, lr: number) => {
        if (lr > 0.5) return x;
        return mul(x, lr);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:7  CT104  \`if\` on a run-time number: its value is not known at build time.
       3 |   if (lr > 0.5) return x;
         |       ^^^^^^^^
      Write it as \`where(greater(lr, 0.5), …, …)\`."
    `);
  });
  test("CT104 `? :`, in a helper", () => {
    expect(
      refusal(`
      const clip = (x: Tensor<[4]>, at: number) => (at < 1 && at > 0 ? x : relu(x));
      export const f = model((x: Tensor<[4]>, at: number) => clip(x, at));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:47  CT104  \`? :\` on a run-time number: its value is not known at build time.
       2 | const clip = (x: Tensor<[4]>, at: number) => (at < 1 && at > 0 ? x : relu(x));
         |                                               ^^^^^^
      Write it as \`where(less(at, 1), …, …)\`."
    `);
  });
  test("CT104 `for` up to a run-time number", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[4]>, n: number) => {
        let h = x;
        for (let i = 0; i < n; i++) h = relu(h);
        return h;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:19  CT104  \`for\` on a run-time number: its value is not known at build time.
       4 |   for (let i = 0; i < n; i++) h = relu(h);
         |                   ^^^^^
      Write a constant number of turns, and what a turn may not do as \`where(…, …, …)\`."
    `);
  });
  test("CT104 a number that is zero or not", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[4]>, lr: number) => {
        return lr ? x : relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:10  CT104  \`? :\` on a run-time number: its value is not known at build time.
       3 |   return lr ? x : relu(x);
         |          ^^
      Write it as \`where(notEqual(lr, 0), …, …)\`."
    `);
  });
  test("CT105 a comparison that decides nothing", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[4]>, lr: number) => {
        const isLarge = lr >= 1;
        return isLarge === undefined ? x : relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:19  CT105  \`>=\` on a run-time number: its value is not known at build time.
       3 |   const isLarge = lr >= 1;
         |                   ^^^^^^^
      Write \`greaterEqual(lr, 1)\`: a bool tensor, for \`where\`."
    `);
  });
  test("CT106 arithmetic that got past TypeScript", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[4]>) => {
        return (x as any) * 2 as any as Tensor<[4]>;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:10  CT106  \`*\` on a tensor.
       3 |   return (x as any) * 2 as any as Tensor<[4]>;
         |          ^^^^^^^^^^^^^^
      Write \`mul(x, 2)\`."
    `);
  });
  test("CT107 an axis that is a run-time number", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[2, 2]>, axis: number) => {
        return sum(x, axis);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:10  CT107  \`sum(x, axis)\` wants a number that is known at build time; this one is a parameter of the model, known when it runs.
       3 |   return sum(x, axis);
         |          ^^^^^^^^^^^^
      Write a constant, or a size: \`dim(x, 0)\`."
    `);
  });
  test("CT107 rounding a run-time number", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[2]>, lr: number) => {
        return mul(x, Math.floor(lr));
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:17  CT107  \`Math.floor\` wants a number that is known at build time; this one is a parameter of the model, known when it runs.
       3 |   return mul(x, Math.floor(lr));
         |                 ^^^^^^^^^^^^^^
      Write a constant, or a size: \`dim(x, 0)\`."
    `);
  });
  test("CT107 an index", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<[2]>, i: number) => {
        return mul(x, [1, 2, 3][i] ?? 1);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:27  CT107  an index wants a number that is known at build time; this one is a parameter of the model, known when it runs.
       3 |   return mul(x, [1, 2, 3][i] ?? 1);
         |                           ^
      Write a constant, or a size: \`dim(x, 0)\`."
    `);
  });
  test("CT108 a size that varies, compared", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", "B"]>) => {
        return dim(x, 0) === dim(x, 1) ? x : relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:10  CT108  \`===\` of \`dim(x, 0)\`, here "B": a size that varies has no number at build time.
       3 |   return dim(x, 0) === dim(x, 1) ? x : relu(x);
         |          ^^^^^^^^^^^^^^^^^^^^^^^
      Take sizes from tensors: \`dim(x, 0)\` goes where a size or an operand is wanted; compute with \`mul(dim(x, 0), 2)\`."
    `);
  });
  test("CT108 a shape that varies", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const [rows] = x.shape;
        return rows === "B" ? x : relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:18  CT108  the use of \`x.shape\`, here [B, 4]: a size that varies has no number at build time.
       3 |   const [rows] = x.shape;
         |                  ^^^^^^^
      Take sizes from tensors: \`dim(x, 0)\` goes where a size or an operand is wanted; compute with \`mul(dim(x, 0), 2)\`."
    `);
  });
  test("CT108 an axis of it", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return x.shape[0] === "B" ? x : relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:10  CT108  the use of \`x.shape[0]\`, here "B": a size that varies has no number at build time.
       3 |   return x.shape[0] === "B" ? x : relu(x);
         |          ^^^^^^^^^^
      Take sizes from tensors: \`dim(x, 0)\` goes where a size or an operand is wanted; compute with \`mul(dim(x, 0), 2)\`."
    `);
  });
  test("CT109 the data of a tensor", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const now = x.data();
        return now === undefined ? x : relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:15  CT109  \`.data\` of a tensor: a model is built before it has data.
       3 |   const now = x.data();
         |               ^^^^^^
      Return the tensor, and read it with \`await t.data()\` where the model is called."
    `);
  });
});

describe("statements", () => {
  test("CT110 `while`", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let h = x;
        let i = 0;
        while (i < 3) {
          h = relu(h);
          i++;
        }
        return h;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:5:3  CT110  \`while\`: how often it runs is not known at build time.
       5 |   while (i < 3) {
         |   ^^^^^^^^^^^^^^^
      Write \`for (let i = 0; i < n; i++)\` with a constant \`n\`, or \`for (const layer of layers)\`."
    `);
  });
  test("CT111 `try`", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        try {
          return relu(x);
        } catch {
          return x;
        }
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:3  CT111  \`try\`: a built model does not throw.
       3 |   try {
         |   ^^^^^
      Shapes are checked by their types and again at entry; where values are in doubt, write \`where(…, …, …)\`."
    `);
  });
  test("CT111 `throw`", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        if (x.shape.length > 3) return x;
        throw new Error("rank");
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:3  CT111  \`throw\`: a built model does not throw.
       4 |   throw new Error("rank");
         |   ^^^^^^^^^^^^^^^^^^^^^^^^
      Shapes are checked by their types and again at entry; where values are in doubt, write \`where(…, …, …)\`."
    `);
  });
  test("CT112 `async`", () => {
    expect(
      refusal(`
      const load = async (x: Tensor<[4]>) => x;
      export const f = model((x: Tensor<[4]>) => (load === undefined ? x : relu(x)));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:14  CT112  \`async\`: a model is one synchronous function.
       2 | const load = async (x: Tensor<[4]>) => x;
         |              ^^^^^
      Read and load data where the model is called."
    `);
  });
  test("CT113 a generator", () => {
    expect(
      refusal(`
      function* layers() {
        yield 1;
      }
      export const f = model((x: Tensor<[4]>) => (layers === undefined ? x : relu(x)));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:9  CT113  \`function*\`: generators are not read.
       2 | function* layers() {
         |         ^
      Return an array."
    `);
  });
  test("CT114 `new`", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const seen = new Map<string, number>();
        return mul(x, seen.size);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:16  CT114  \`new\`: classes and their objects are not read.
       3 |   const seen = new Map<string, number>();
         |                ^^^^^^^^^^^^^^^^^^^^^^^^^
      Write a function that takes and returns plain objects and tuples."
    `);
  });
  test("CT114 `class`", () => {
    expect(
      refusal(`
      class Layer {}
      export const f = model((x: Tensor<[4]>) => (Layer === undefined ? x : relu(x)));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:1  CT114  \`class\`: classes and their objects are not read.
       2 | class Layer {}
         | ^^^^^^^^^^^^^^
      Write a function that takes and returns plain objects and tuples."
    `);
  });
  test("CT115 `for \u2026 in`", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let h = x;
        for (const key in { a: 1, b: 2 }) h = key === "a" ? relu(h) : tanh(h);
        return h;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:3  CT115  \`for … in\` is not read.
       4 |   for (const key in { a: 1, b: 2 }) h = key === "a" ? relu(h) : tanh(h);
         |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      Write \`for (const [key, value] of Object.entries(…))\`."
    `);
  });
  test("CT116 `switch`", () => {
    expect(
      refusal(`
      const act = (x: Tensor<[4]>, name: "relu" | "tanh") => {
        switch (name) {
          case "relu":
            return relu(x);
          default:
            return tanh(x);
        }
      };
      export const f = model((x: Tensor<[4]>) => act(x, "relu"));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:3  CT116  \`switch\` is not read.
       3 |   switch (name) {
         |   ^^^^^^^^^^^^^^^
      Write \`if\` and \`else if\`, or look the case up in an object."
    `);
  });
  test("CT117 a label", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        outer: for (const a of [1, 2]) {
          for (const b of [1, 2]) if (a === b) continue outer;
        }
        return x;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:3  CT117  a label is not read.
       3 |   outer: for (const a of [1, 2]) {
         |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      Put the inner loop into a function, and \`return\` from it."
    `);
  });
  test("CT118 `var`", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        var h = relu(x);
        return h;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:3  CT118  \`var\` is not read.
       3 |   var h = relu(x);
         |   ^^^^^^^^^^^^^^^
      Write \`let\` or \`const\`."
    `);
  });
  test("CT119 other syntax", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, 6 & 3);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:19  CT119  \`&\` is not part of the TypeScript that is read.
       3 |   return mul(x, 6 & 3);
         |                   ^
      Write it with functions, constants, \`if\`, \`for\` and the ops; or compute it where the model is called, and pass it in."
    `);
  });
  test("CT119 a regular expression", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, "a b".split(/ /).length);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:29  CT119  a regular expression is not part of the TypeScript that is read.
       3 |   return mul(x, "a b".split(/ /).length);
         |                             ^^^
      Write it with functions, constants, \`if\`, \`for\` and the ops; or compute it where the model is called, and pass it in."
    `);
  });
});

describe("names and state", () => {
  test("CT120 an unknown global", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        console.log("building", x.shape.length);
        return x;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:3  CT120  \`console\` is not known at build time.
       3 |   console.log("building", x.shape.length);
         |   ^^^^^^^
      To look at values, call the model without a build: every tensor prints."
    `);
  });
  test("CT120 chance", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, Math.random());
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:17  CT120  \`Math.random\` is not known at build time.
       3 |   return mul(x, Math.random());
         |                 ^^^^^^^^^^^
      Take randomness from a key: \`uniform(key, […])\`, with the key a parameter of the model."
    `);
  });
  test("CT120 the environment", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, Number(process.env["SCALE"]));
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:17  CT120  \`Number(…)\` is not known at build time.
       3 |   return mul(x, Number(process.env["SCALE"]));
         |                 ^^^^^^
      Write numbers as numbers; a truth value becomes one by \`flag ? 1 : 0\`."
    `);
  });
  test("CT121 an outer variable", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let h = x;
        [1, 2].forEach((i) => {
          h = mul(h, i);
        });
        return h;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:5:5  CT121  \`h\` belongs to an enclosing function: to assign to it from here is not read.
       5 |     h = mul(h, i);
         |     ^
      Return the new value; in place of \`forEach\`, write \`for (const x of xs)\`."
    `);
  });
  test("CT122 an object from elsewhere", () => {
    expect(
      refusal(`
      const seen: string[] = [];
      export const f = model((x: Tensor<[4]>) => {
        seen.push("f");
        return relu(x);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:3  CT122  \`.push(…)\` changes an object that was not made in this function.
       4 |   seen.push("f");
         |   ^^^^^^^^^
      Make a new one: \`{ ...old, key: value }\`, \`[...old, item]\`."
    `);
  });
  test("CT122 a field of a parameter", () => {
    expect(
      refusal(`
      export const f = model((p: { w: Tensor<[4]> }) => {
        p.w = relu(p.w);
        return p.w;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:3  CT122  \`p.w = …\` changes an object that was not made in this function.
       3 |   p.w = relu(p.w);
         |   ^^^
      Make a new one: \`{ ...old, key: value }\`, \`[...old, item]\`."
    `);
  });
  test("CT123 a name before its value", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const twice = () => mul(x, scale);
        const y = twice();
        const scale = 2;
        return mul(y, scale);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:30  CT123  \`scale\` is used before it has a value.
       3 |   const twice = () => mul(x, scale);
         |                              ^^^^^
      Define it first; two modules may not need each other's constants."
    `);
  });
  test("CT123 constants that need each other", () => {
    expect(
      refusal(`
      const size = (): number => a;
      const b: number = size();
      const a: number = b + 1;
      export const f = model((x: Tensor<[4]>) => mul(x, a));
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:2:28  CT123  \`a\` is used before it has a value.
       2 | const size = (): number => a;
         |                            ^
      Define it first; two modules may not need each other's constants."
    `);
  });
  test("CT124 a method that is not read", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, [3, 1, 2].sort()[0] ?? 1);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:17  CT124  \`.sort\` of an array is not read.
       3 |   return mul(x, [3, 1, 2].sort()[0] ?? 1);
         |                 ^^^^^^^^^^^^^^
      What is: at, concat, entries, every, filter, find, findIndex, flat, flatMap, forEach, includes, indexOf, join, keys, map, reduce, reduceRight, slice, some, toReversed, toSpliced, values, with."
    `);
  });
  test("CT125 not a function", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const act: any = undefined;
        return act(x) as Tensor<[4]>;
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:10  CT125  \`act\` is undefined, not a function.
       4 |   return act(x) as Tensor<[4]>;
         |          ^^^"
    `);
  });
  test("CT126 a member of nothing", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const options: { scale: number }[] = [];
        return mul(x, options[0]!.scale);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:4:17  CT126  \`.scale\` of undefined.
       4 |   return mul(x, options[0]!.scale);
         |                 ^^^^^^^^^^^^^^^^^
      Give it a value, or write \`?.\`."
    `);
  });
  test("CT127 not an array", () => {
    expect(
      refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const [a] = "text";
        return mul(x, a === undefined ? 1 : 1);
      });
    `),
    ).toMatchInlineSnapshot(`
      "wrong.ts:3:9  CT127  the text "text" is not an array.
       3 |   const [a] = "text";
         |         ^^^
      Loop over a tuple or an array, \`Object.entries(…)\`, or \`Array.from({ length: n })\`."
    `);
  });
});
