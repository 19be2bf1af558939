/**
 * Why Python would not compile a regular expression (octavia/common/validate.py, regex), or undefined: asks JavaScript's
 * compiler, after rewriting what only Python knows.
 */
export function faultOfRegularExpression(pattern: string): string | undefined {
  const escaped = /\\([A-Za-z])/g;
  for (const [, letter = ''] of pattern.replaceAll('\\\\', '').matchAll(escaped)) {
    if (!'AbBdDsSwWZafnrtvxuUN'.includes(letter)) return `bad escape \\${letter}`;
  }
  if (/\(\?<[A-Za-z_]/.test(pattern)) return 'a named group is written (?P<name>…)';
  if (/(?<!^)(?<!\\)\(\?[aiLmsux]+\)/.test(pattern)) return 'global flags stand at the start';
  const inOurWords = pattern
    .replace(/^\(\?[aiLmsux]+\)/, '')
    .replace(/\(\?#[^)]*\)/g, '')
    .replace(/\(\?P<([A-Za-z_]\w*)>/g, '(?<$1>')
    .replace(/\(\?P=([A-Za-z_]\w*)\)/g, '\\k<$1>')
    .replace(/\(\?(>|[aiLmsux]*-?[imsx]*:)/g, '(?:')
    .replace(/\(\?\(\w+\)/g, '(?:')
    // Possessive quantifiers: valid exactly where greedy ones are.
    .replace(/(?<!\\)([*+?}])\+/g, '$1');
  try {
    new RegExp(inOurWords);
  } catch (error) {
    return (error as Error).message.replace(/^.*: /, '').toLowerCase();
  }
  const groups = inOurWords.replace(/\\./g, '').match(/\((?!\?[:=!]|\?<[=!])/g)?.length ?? 0;
  for (const [, digits = ''] of pattern.replaceAll('\\\\', '').matchAll(/\\([1-9]\d?)/g)) {
    if (Number(digits) > groups) return `there is no group ${digits}`;
  }
  // JavaScript takes a quantifier after an anchor for text, Python does not.
  return /(?<!\\)[\^$][*+?]/.test(pattern.replace(/\[(?:\\.|[^\]])*\]/g, ''))
    ? 'nothing to repeat'
    : undefined;
}
