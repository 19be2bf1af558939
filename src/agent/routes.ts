/** Beyond it a part of a path is unknown: a file's name cannot be longer (NAME_MAX). */
const MAX_NAME_LENGTH = 255;
/** Sorts after every word. */
const LAST = '\uffff';

/** What stands at a path, with the parts of the path that its pattern names. */
export interface Found<T> {
  readonly there: T;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Finds what stands at a path by patterns such as `/listeners/:id`; where several fit, the one that has a word where
 * others have a name.
 */
export function routes<T>(patterns: Readonly<Record<string, T>>): (path: string) => Found<T> | undefined {
  const known = Object.entries(patterns)
    .map(([pattern, there]) => ({ wanted: pattern.split('/'), there }))
    .sort((one, other) => (sortedBy(one.wanted) < sortedBy(other.wanted) ? -1 : 1));
  return (path) => {
    const parts = decoded(path);
    if (parts.some((part) => part.length > MAX_NAME_LENGTH)) return undefined;
    for (const { wanted, there } of known) {
      if (wanted.length !== parts.length) continue;
      if (!wanted.every((word, n) => isName(word) || word === parts[n])) continue;
      const named = wanted.flatMap((word, n) => (isName(word) ? [[word.slice(1), parts[n] ?? '']] : []));
      return { there, params: Object.fromEntries(named) };
    }
    return undefined;
  };
}

/** A path that cannot be decoded names nothing. */
function decoded(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return [];
  }
}

function isName(word: string): boolean {
  return word.startsWith(':');
}

function sortedBy(wanted: readonly string[]): string {
  return wanted.map((word) => (isName(word) ? LAST : word)).join('/');
}
