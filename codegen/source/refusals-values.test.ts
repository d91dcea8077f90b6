import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.test-source.ts";

describe("what depends on data", () => {
  test("CT104 `if` on a tensor", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        if (greater(sum(x), 1)) return relu(x);
        return x;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT104 `if` on a run-time number", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>, lr: number) => {
        if (lr > 0.5) return x;
        return mul(x, lr);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT104 `? :`, in a helper", () => {
    expect(refusal(`
      const clip = (x: Tensor<[4]>, at: number) => (at < 1 && at > 0 ? x : relu(x));
      export const f = model((x: Tensor<[4]>, at: number) => clip(x, at));
    `)).toMatchInlineSnapshot();
  });
  test("CT104 `for` up to a run-time number", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>, n: number) => {
        let h = x;
        for (let i = 0; i < n; i++) h = relu(h);
        return h;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT104 a number that is zero or not", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>, lr: number) => {
        return lr ? x : relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT105 a comparison that decides nothing", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>, lr: number) => {
        const isLarge = lr >= 1;
        return isLarge === undefined ? x : relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT106 arithmetic that got past TypeScript", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[4]>) => {
        return (x as any) * 2 as any as Tensor<[4]>;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT107 an axis that is a run-time number", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[2, 2]>, axis: number) => {
        return sum(x, axis);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT107 rounding a run-time number", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[2]>, lr: number) => {
        return mul(x, Math.floor(lr));
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT107 an index", () => {
    expect(refusal(`
      export const f = model((x: Tensor<[2]>, i: number) => {
        return mul(x, [1, 2, 3][i] ?? 1);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT108 a size that varies, compared", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", "B"]>) => {
        return dim(x, 0) === dim(x, 1) ? x : relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT108 a shape that varies", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const [rows] = x.shape;
        return rows === "B" ? x : relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT108 an axis of it", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return x.shape[0] === "B" ? x : relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT109 the data of a tensor", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const now = x.data();
        return now === undefined ? x : relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
});

describe("statements", () => {
  test("CT110 `while`", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let h = x;
        let i = 0;
        while (i < 3) {
          h = relu(h);
          i++;
        }
        return h;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT111 `try`", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        try {
          return relu(x);
        } catch {
          return x;
        }
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT111 `throw`", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        if (x.shape.length > 3) return x;
        throw new Error("rank");
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT112 `async`", () => {
    expect(refusal(`
      const load = async (x: Tensor<[4]>) => x;
      export const f = model((x: Tensor<[4]>) => (load === undefined ? x : relu(x)));
    `)).toMatchInlineSnapshot();
  });
  test("CT113 a generator", () => {
    expect(refusal(`
      function* layers() {
        yield 1;
      }
      export const f = model((x: Tensor<[4]>) => (layers === undefined ? x : relu(x)));
    `)).toMatchInlineSnapshot();
  });
  test("CT114 `new`", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const seen = new Map<string, number>();
        return mul(x, seen.size);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT114 `class`", () => {
    expect(refusal(`
      class Layer {}
      export const f = model((x: Tensor<[4]>) => (Layer === undefined ? x : relu(x)));
    `)).toMatchInlineSnapshot();
  });
  test("CT115 `for \u2026 in`", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let h = x;
        for (const key in { a: 1, b: 2 }) h = key === "a" ? relu(h) : tanh(h);
        return h;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT116 `switch`", () => {
    expect(refusal(`
      const act = (x: Tensor<[4]>, name: "relu" | "tanh") => {
        switch (name) {
          case "relu":
            return relu(x);
          default:
            return tanh(x);
        }
      };
      export const f = model((x: Tensor<[4]>) => act(x, "relu"));
    `)).toMatchInlineSnapshot();
  });
  test("CT117 a label", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        outer: for (const a of [1, 2]) {
          for (const b of [1, 2]) if (a === b) continue outer;
        }
        return x;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT118 `var`", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        var h = relu(x);
        return h;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT119 other syntax", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, 6 & 3);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT119 a regular expression", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return /a/ === undefined ? x : relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
});

describe("names and state", () => {
  test("CT120 an unknown global", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        console.log("building", x.shape.length);
        return x;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT120 chance", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, Math.random());
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT120 the environment", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, Number(process.env["SCALE"]));
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT121 an outer variable", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        let h = x;
        [1, 2].forEach((i) => {
          h = mul(h, i);
        });
        return h;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT122 an object from elsewhere", () => {
    expect(refusal(`
      const seen: string[] = [];
      export const f = model((x: Tensor<[4]>) => {
        seen.push("f");
        return relu(x);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT122 a field of a parameter", () => {
    expect(refusal(`
      export const f = model((p: { w: Tensor<[4]> }) => {
        p.w = relu(p.w);
        return p.w;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT123 a name before its value", () => {
    expect(refusal(`
      const twice = (x: Tensor<[4]>) => mul(x, scale);
      const shape = [twice === undefined ? 1 : size];
      const size: number = shape.length;
      const scale = size;
      export const f = model((x: Tensor<[4]>) => twice(x));
    `)).toMatchInlineSnapshot();
  });
  test("CT124 a method that is not read", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        return mul(x, [3, 1, 2].sort()[0] ?? 1);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT125 not a function", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const act: any = undefined;
        return act(x) as Tensor<[4]>;
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT126 a member of nothing", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const options: { scale: number }[] = [];
        return mul(x, options[0]!.scale);
      });
    `)).toMatchInlineSnapshot();
  });
  test("CT127 not an array", () => {
    expect(refusal(`
      export const f = model((x: Tensor<["B", 4]>) => {
        const [a] = "text";
        return mul(x, a === "t" ? 1 : 2);
      });
    `)).toMatchInlineSnapshot();
  });
});
