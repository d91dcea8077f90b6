/** The statements of a target that is written as text, block by block. */

/** Code in the order in which it is written. */
export interface Statements<S> {
  /** The outermost block. */
  readonly all: readonly S[];
  /** Adds to the block that is open. */
  push(...made: readonly S[]): void;
  /** A block that is open while `body` runs. */
  inside(body: () => void): S[];
}
export function statements<S>(): Statements<S> {
  const all: S[] = [];
  let open = all;
  const inside = (body: () => void): S[] => {
    const around = open;
    const own: S[] = [];
    open = own;
    body();
    open = around;
    return own;
  };
  return { all, push: (...made) => void open.push(...made), inside };
}
