import type { Row } from "../row.ts";

/** Machine code with vectors as wide as the processor's: no page can load these. */
const native: ReadonlySet<string> = new Set(["numpy", "torch", "onnxruntime-node"]);

export const nameOf = (peer: string): string => (native.has(peer) ? `${peer} (native)` : peer);

export const peerOf = ({ id }: Row): string => id.slice(id.lastIndexOf("/") + 1);

/** The rows of one work, `<target>/<work>`. Throws where there are none: what is drawn is a whole run. */
export function rowsOf(work: string, rows: readonly Row[]): readonly Row[] {
  const found = rows.filter(({ id }) => id.startsWith(`${work}/`));
  if (found.length === 0) throw new Error(`plots: no row of ${work}: draw a run without --only`);
  return found;
}
