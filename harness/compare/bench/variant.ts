import { closest } from 'fastest-levenshtein';
import { PARAMETER_NAMES, parametersFor } from '../../scenario/parameters.ts';
import { parseSystem, SYSTEM_KEYS, type System, systemPairs } from '../../system/system.ts';
import { UsageError } from '../../usage-error.ts';

/** One side of a comparison: what differs from this checkout. */
export interface Variant {
  /** As it was given. */
  readonly text: string;
  /** `key=value` of `--set`. */
  readonly set: readonly string[];
  readonly system: System;
}

/**
 * Reads `advert_int=2,fail_count=3`, `ref=main`, `octavia=trixie` and whatever else `--set` and `--with` take, with
 * commas between.
 *
 * @param flag the flag that an error names
 * @param absolute what a path of the user means
 * @throws UsageError
 */
export function parseVariant(flag: string, text: string, absolute: (path: string) => string): Variant {
  const known: readonly string[] = [...SYSTEM_KEYS, ...PARAMETER_NAMES];
  const pairs = text.split(',');
  for (const pair of pairs) {
    const [key = '', value] = pair.split(/=(.*)/s);
    if (!value)
      throw new UsageError(`${flag} takes key=value, such as advert_int=2 or ref=main; found "${pair}".`);
    if (known.includes(key)) continue;
    throw new UsageError(
      `${flag}: there is no "${key}"; the nearest is ${closest(key, known)}, and there are ${known.join(', ')}.`,
    );
  }
  const isParameter = (pair: string) => PARAMETER_NAMES.includes(pair.split('=')[0] ?? '');
  const set = pairs.filter(isParameter);
  const system = parseSystem(
    flag,
    pairs.filter((pair) => !isParameter(pair)),
    absolute,
  );
  parametersFor({}, set);
  if (system.pair !== undefined && set[0] !== undefined)
    throw new UsageError(
      `${flag}: pair cannot be combined with ${set[0].split('=')[0]}, which is rendered for amphorae; the pair has its own configurations.`,
    );
  return { text, set, system };
}

/** What a command of the variant's own checkout takes for the rest of it. */
export function argumentsOf({ set, system }: Pick<Variant, 'set' | 'system'>): readonly string[] {
  return [
    ...set.flatMap((pair) => ['--set', pair]),
    ...systemPairs({ ...system, ref: undefined }).flatMap((pair) => ['--with', pair]),
  ];
}
