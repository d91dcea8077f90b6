/** The largest |found − expected| of any array, relative to that array's largest |expected|. NaN where anything is NaN. */
export function relativeError(found: readonly ArrayLike<number>[], expected: readonly ArrayLike<number>[]): number {
  if (found.length !== expected.length) throw new Error(`relativeError: ${found.length} arrays found, ${expected.length} expected`);
  return Math.max(0, ...expected.map((e, i) => arrayError(found[i]!, e)));
}

/** The same of how far parameters came from their start: an error in a gradient shows, whatever the size of the weights. */
export function wayError(
  start: readonly ArrayLike<number>[],
  found: readonly ArrayLike<number>[],
  expected: readonly ArrayLike<number>[],
): number {
  const way = (arrays: readonly ArrayLike<number>[]): Float64Array[] =>
    arrays.map((array, i) => Float64Array.from(array, (v, k) => v - start[i]![k]!));
  return relativeError(way(found), way(expected));
}

function arrayError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) throw new Error(`relativeError: ${found.length} elements found, ${expected.length} expected`);
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(found[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return scale === 0 ? worst : worst / scale;
}
