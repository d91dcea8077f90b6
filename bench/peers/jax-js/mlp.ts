import { nn, numpy as np } from "@jax-js/jax";
import type { Contender, MlpTask } from "../../library.ts";
import { arrayOf } from "./array.ts";
import { stepper } from "./step.ts";

export async function trainMlp(task: MlpTask): Promise<Contender> {
  const { sizes, layers, images, batch } = task;
  const start = layers.flatMap(({ w, b }, l) => [arrayOf(w, [sizes[l]!, sizes[l + 1]!]), arrayOf(b, [b.length])]);
  const x = arrayOf(images, [batch, sizes[0]!]);
  return stepper(
    (p, images) => {
      let h = images;
      for (let l = 0; l < layers.length; l++) {
        if (l > 0) h = nn.relu(h);
        h = np.matmul(h, p[2 * l]!).add(p[2 * l + 1]!);
      }
      return h;
    },
    start,
    x,
    task,
  );
}
