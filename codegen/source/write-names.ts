/** Names that nothing else in sight has. */

/** What a generated name may not be: reserved in modules, or a global that a reader would take it for. */
const RESERVED =
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield Infinity NaN".split(
    " ",
  );

export interface Names {
  free(name: string): boolean;
  /** `base` if it is free, else `base_1`, `base_2`, … */
  claim(base: string): string;
  /** `base_1`, `base_2`, …: for what has no name of its own. */
  number(base: string): string;
}

export function namesBeside(taken: Iterable<string>): Names {
  const used = new Set([...RESERVED, ...taken]);
  const next = new Map<string, number>();
  const number = (base: string): string => {
    for (let k = next.get(base) ?? 1; ; k++) {
      const name = `${base}_${k}`;
      if (used.has(name)) continue;
      used.add(name);
      next.set(base, k + 1);
      return name;
    }
  };
  const claim = (wish: string): string => {
    const base = identifier(wish);
    if (used.has(base)) return number(base);
    used.add(base);
    return base;
  };
  return { free: (name) => !used.has(name), claim, number };
}

export const isIdentifier = (text: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text);

/** `T+1` is `T_plus_1`, `4*B` is `n_4_times_B`. */
export function identifier(text: string): string {
  if (isIdentifier(text)) return text;
  const words = text
    .replaceAll("+", "_plus_")
    .replaceAll("-", "_minus_")
    .replaceAll("*", "_times_")
    .replace(/[^\p{ID_Continue}$]+/gu, "_")
    .replace(/_$/, "");
  return isIdentifier(words) ? words : `n_${words}`;
}
