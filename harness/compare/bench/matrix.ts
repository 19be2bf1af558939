import { UsageError } from '../../usage-error.ts';
import { parseVariant, type Variant } from './variant.ts';

/** A cell of a matrix that cannot be built. */
export interface Refused {
  readonly text: string;
  readonly reason: string;
}

/** All combinations of a matrix. */
export interface Matrix {
  /** Those that can be measured; the first is the baseline. */
  readonly variants: readonly Variant[];
  readonly refused: readonly Refused[];
}

/**
 * Reads `release=bookworm,trixie;octavia=16,./octavia@my-change`: the values of each part or parameter, and measures each
 * combination of them.
 *
 * @throws UsageError where fewer than two combinations can be measured, or a part takes none of the values
 */
export function parseMatrix(flag: string, text: string, absolute: (path: string) => string): Matrix {
  const axes = text.split(';').map((axis) => {
    const [key = '', values] = axis.trim().split(/=(.*)/s);
    if (!values) {
      throw new UsageError(
        `${flag} takes key=value,value;key=value,value, such as release=bookworm,trixie; found "${axis.trim()}".`,
      );
    }
    const pairs = values.split(',').map((value) => `${key}=${value.trim()}`);
    // A value that is wrong by itself is a typing error, and no cell.
    for (const pair of pairs) parseVariant(flag, pair, absolute);
    return pairs;
  });
  const cells = axes.reduce<readonly string[]>(
    (sofar, pairs) => sofar.flatMap((cell) => pairs.map((pair) => (cell === '' ? pair : `${cell},${pair}`))),
    [''],
  );
  const variants: Variant[] = [];
  const refused: Refused[] = [];
  for (const cell of cells) {
    try {
      variants.push(parseVariant(flag, cell, absolute));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      refused.push({ text: cell, reason: error.message.replace(`${flag}: `, '') });
    }
  }
  if (variants.length < 2) {
    const why = refused[0] ? ` (${refused[0].text}: ${refused[0].reason})` : '';
    throw new UsageError(
      `${flag} needs two combinations that can be measured; there ${variants.length === 1 ? 'is one' : 'is none'}${why}.`,
    );
  }
  return { variants, refused };
}
