import { tensor } from "cotangent";
import type { Contender, MatmulTask } from "../library.ts";
import type { Open } from "./built.ts";

/** A step whose operands stay where they are; its output is read by nobody. */
export const multiply =
  (open: Open) =>
  async ({ n, a, b, threads = 1 }: MatmulTask): Promise<Contender> => {
    const { product } = await open("matmul", threads > 1 ? { threads } : {});
    const session = product.start({ a: tensor(a, [n, n]), b: tensor(b, [n, n]) });
    return {
      threaded: threads > 1,
      run: () => session.step(),
      result: async () => [await session.step().data()],
    };
  };
