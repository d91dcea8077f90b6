import { Presets, SingleBar } from "cli-progress";

/** One epoch's progress on the terminal. */
export interface Progress {
  /** `done` batches are trained; `loss` is their mean. */
  update(done: number, loss: number): void;
  /** The epoch is over: the bar goes, `line` stays. */
  finish(line: string): void;
}

/** A bar on a terminal, which draws over itself; elsewhere (a file, CI) only the closing line, on standard output. */
export function showEpoch(title: string, total: number): Progress {
  const bar = new SingleBar(
    { format: `${title} {bar} {value}/{total}  loss {loss}  {eta_formatted} left`, clearOnComplete: true, gracefulExit: false },
    Presets.shades_classic,
  );
  bar.start(total, 0, { loss: "–" });
  return {
    update: (done, loss) => bar.update(done, { loss: loss.toFixed(4) }),
    finish: (line) => {
      bar.stop();
      console.log(`${title}  ${line}`);
    },
  };
}
