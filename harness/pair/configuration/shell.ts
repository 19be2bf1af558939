/** What may end a script with something other than 0, or stops keepalived by itself. */
const MAY_FAIL =
  /\b(?:exit|return)\s+(?:"?\$|[-1-9])|\bset\s+-\w*e|-o\s+errexit|\b(?:exec|kill|pkill|trap|pipefail|keepalived)\b/;
/** An interpreter that ends with the first command that fails. */
const ENDS_EARLY = /^#!.*\s-\w*e/;
/** Commands that succeed whatever they find. */
const SUCCEEDS = /^(?:exit(?:\s+0)?|return\s+0|true|:|echo\b.*|printf\b.*|logger\b.*)$/;
/** Programs at the end of a pipe that succeed whatever they read. */
const SWALLOWS = /^(?:cat|tee|wc|sort|head|tail|logger|uniq)\b/;

/**
 * What makes a shell script end with 0 whatever it finds, or undefined where it may fail or that is unclear.
 * Only what is certain is reported.
 */
export function neverFails(text: string): string | undefined {
  const lines = text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => withoutComments(line).trim())
    .filter((line) => line !== '');
  const last = lines.at(-1);
  if (last === undefined || ENDS_EARLY.test(text) || lines.some((line) => MAY_FAIL.test(line)))
    return undefined;
  if (last === 'fi')
    return branchesSucceed(lines) ? 'each of its branches ends with a command that succeeds' : undefined;
  return succeeds(last);
}

/** Why a line succeeds always. */
function succeeds(line: string): string | undefined {
  const end = line.split(';').at(-1)?.trim() ?? '';
  // An exit without a number passes on the result of the command before it.
  if (end === 'exit') return undefined;
  const [, otherwise] = /\|\|\s*([^|&;]+)$/.exec(end) ?? [];
  if (otherwise !== undefined && SUCCEEDS.test(otherwise.trim()))
    return `its last command ends with "|| ${otherwise.trim()}"`;
  if (/\|\||&&/.test(end)) return undefined;
  const [, program] = /(?<!\|)\|\s*([^|]+)$/.exec(end) ?? [];
  if (program !== undefined)
    return SWALLOWS.test(program.trim()) ? `its last pipe ends in "${program.trim()}"` : undefined;
  return SUCCEEDS.test(end) ? `it ends with "${end}"` : undefined;
}

/** Whether each branch of an `if` at the end of a script succeeds; without a true condition it does anyway. */
function branchesSucceed(lines: readonly string[]): boolean {
  const start = lines.findLastIndex((line) => /^if\b/.test(line));
  const inside = lines.slice(start);
  // Only one `if` that is not nested can be judged line by line.
  if (start < 0 || inside.filter((line) => line === 'fi').length !== 1) return false;
  const ends = inside.flatMap((line, n) => (/^(else|elif\b.*|fi)$/.test(line) ? [inside[n - 1] ?? ''] : []));
  return ends.every((line) => succeeds(line.replace(/^(then|else)\s+/, '')) !== undefined);
}

/** A shell's text without its comments. */
export function withoutComments(text: string): string {
  return text.replace(/(^|\s)#.*$/gm, '');
}
