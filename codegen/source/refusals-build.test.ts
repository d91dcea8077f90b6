import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.test-source.ts";

describe("the module", () => {
  test("CT101 nothing to build", () => {
    expect(refusal(`
      export const f = (x: Tensor<[4]>) => relu(x);
    `)).toMatchInlineSnapshot();
  });
  test("CT102 what runs on import", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>) => relu(x));
      setTimeout(() => undefined, 10);
    `)).toMatchInlineSnapshot();
  });
  test("CT103 a package", () => {
    expect(refusal(`
      import { sep } from "node:path";
      export const f = model((x: Tensor<[4]>) => mul(x, sep.length));
    `)).toMatchInlineSnapshot();
  });
  test("CT134 a model without a name", () => {
    expect(refusal(`
      export default model((x: Tensor<[4]>) => relu(x));
    `)).toMatchInlineSnapshot();
  });
  test("CT135 a model without source", () => {
    expect(refusal(`
      const square = (x: Tensor<[4]>) => sum(mul(x, x));
      export const slope = grad(square);
    `)).toMatchInlineSnapshot();
  });
});

describe("the build as a whole", () => {
  test("CT130 too long a loop", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let h = x;
        let n = 0;
        for (let i = 0; i < 1e9; i++) {
          for (const k of [1, 2]) n += k;
        }
        h = mul(h, n);
        return h;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT130 a text that doubles", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let text = "ab";
        for (let i = 0; i < 1000; i++) text = text + text;
        return mul(x, text.length);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT130 a long array", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, Array.from({ length: 1e8 }, (_, i) => i).length);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT131 recursion without an end", () => {
    expect(refusal(`
      const again = (x: Tensor<[4]>): Tensor<[4]> => relu(again(x));
      export const f = model((x: Tensor<[4]>) => again(x));
    `)).toMatchInlineSnapshot();
  });
  test("CT132 a shape rule, past TypeScript", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const w: any = iota(3);
        return matmul(x, w);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT132 a way out of the rule's own", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const n: any = iota(4);
        return add(x, n) as Tensor<["B", 4]>;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT132 inside a derivative", () => {
    expect(refusal(`
      const cost = (x: Tensor<[4]>) => sum(reshape(x, [3 as number]));
      export const f = model((x: Tensor<[4]>) => grad(cost)(x));
    `)).toMatchInlineSnapshot();
  });
  test("CT133 a result that is no tensor", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return { y: relu(x), name: "relu" };
      });
    `)).toMatchInlineSnapshot();
  });
});

describe("parameters", () => {
  test("CT140 no type", () => {
    expect(refusal(`
      export const f = model((x: any) => relu(x as Tensor<[4]>));
    `)).toMatchInlineSnapshot();
  });
  test("CT141 a size that is `number`", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[number, 4]>) => {
        return relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT142 a rank that is not known", () => {
    expect(refusal(`
      export const f = model((x: Tensor) => {
        return relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT142 a variadic model", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["...L", 4]>) => {
        return relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT143 an array of layers", () => {
    expect(refusal(`
      type Layer = { w: Tensor<[4]> };
      type Params = { layers: Layer[] };
      const first = (p: Params) => p.layers;
      export const f = model((p: { q: readonly [Tensor<[4]>, ...Tensor<[4]>[]] }) => (first === undefined ? p.q[0] : relu(p.q[0])));
    `)).toMatchInlineSnapshot();
  });
  test("CT144 several types", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]> | Tensor<[5]>) => {
        return relu(x as Tensor<[4]>);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT145 a type parameter", () => {
    expect(refusal(`
      function make<T extends Tensor<[4]>>() {
        return model((x: T) => relu(x as Tensor<[4]>));
      }
      export const f = make<Tensor<[4]>>();
    `)).toMatchInlineSnapshot();
  });
  test("CT146 a parameter that may be left out", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>, scale = 2) => {
        return mul(x, scale);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT146 a field that may be left out", () => {
    expect(refusal(`
      type Params = {
        w: Tensor<[4]>;
        b?: Tensor<[4]>;
      };
      export const f = model((p: Params) => relu(p.w));
    `)).toMatchInlineSnapshot();
  });
  test("CT147 a setting", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>, train: boolean) => {
        return train ? relu(x) : x;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT148 a size that is no expression", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B/2"]>) => {
        return relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
});

describe("TypeScript comes first", () => {
  test("a shape that does not fit", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[32, 784]>, w: Tensor<[128, 10]>) => {
        return matmul(x, w);
      });
    `)).toMatchInlineSnapshot();
  });
  test("an operator between tensors", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return sum(x) > 1 ? x : relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("syntax", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>) => relu(x);
    `)).toMatchInlineSnapshot();
  });
  test("several mistakes", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>) => relux(x));
      export const g = model((x: Tensor<[4]>) => add(x));
    `)).toMatchInlineSnapshot();
  });
});
