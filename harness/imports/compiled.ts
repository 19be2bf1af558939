import { flushCompileCache } from 'node:module';

/** The script that a process came out of. */
export interface Whole {
  /** By a file's path, what loads it: all of them are functions of the one script. */
  readonly parts: Parts;
  /** Leaves what has been compiled by now to the next process; does nothing where this one found that. */
  keep(): void;
}
export type Parts = Readonly<Record<string, () => Promise<object>>>;

/** Names what all copies of this file share: the script has one, and what loads the script another. */
const WHOLE = Symbol.for('amphora-testbed.whole');
const ofProcess: typeof globalThis & { [WHOLE]?: Whole } = globalThis;

/** Leaves what this process has compiled until now to later ones of its kind. */
export function keepCompiled(): void {
  flushCompileCache();
  loaded()?.keep();
}

export function loaded(): Whole | undefined {
  return ofProcess[WHOLE];
}

export function setLoaded(whole: Whole): void {
  ofProcess[WHOLE] = whole;
}
