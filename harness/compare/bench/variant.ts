import { closest } from 'fastest-levenshtein';
import { PARAMETER_NAMES, parametersFor, UsageError } from '../../scenario/parameters.ts';

/** One side of a comparison: what differs from this checkout. */
export interface Variant {
  /** As it was given. */
  readonly text: string;
  /** `key=value` of `--set`. */
  readonly set: readonly string[];
  /** Another amphora image. */
  readonly image?: string;
  /** A commit, branch or tag, built in a worktree of its own. */
  readonly ref?: string;
  /** A Debian release whose keepalived and HAProxy the amphora has, e.g. `trixie`. */
  readonly release?: string;
}

const OTHERS = ['ref', 'image', 'release'] as const;

/**
 * Reads `advert_int=2,fail_count=3`, `ref=main`, `image=REFERENCE`, `release=trixie`, or several of them with
 * commas between.
 *
 * @param flag the flag that an error names
 * @throws UsageError
 */
export function parseVariant(flag: string, text: string): Variant {
  const known = [...OTHERS, ...PARAMETER_NAMES];
  const set: string[] = [];
  const others: Partial<Record<(typeof OTHERS)[number], string>> = {};
  for (const pair of text.split(',')) {
    const [key = '', value] = pair.split(/=(.*)/s);
    if (!value)
      throw new UsageError(`${flag} takes key=value, such as advert_int=2 or ref=main; found "${pair}".`);
    const other = OTHERS.find((name) => name === key);
    if (other) others[other] = value;
    else if (PARAMETER_NAMES.includes(key)) set.push(pair);
    else {
      throw new UsageError(
        `${flag}: there is no "${key}"; the nearest is ${closest(key, known)}, and there are ${known.join(', ')}.`,
      );
    }
  }
  if (others.image && (others.ref || others.release)) {
    throw new UsageError(`${flag}: an image cannot be combined with ref or release.`);
  }
  parametersFor({}, set);
  return { text, set, ...others };
}
