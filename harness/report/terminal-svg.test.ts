import test from 'ava';
import pc from 'picocolors';
import { terminalSvg } from './terminal-svg.ts';

const colors = pc.createColors(true);

test('a terminal as a picture is XML with every word, each where its column is', (t) => {
  const svg = terminalSvg(
    'npm run scenario -- a',
    `\n${colors.green('passed')} ${colors.bold('a & b')}: <c>\n`,
  );
  t.true(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"'));
  t.regex(svg, /<text x="16\.0" [^>]*fill="#5fd38d"[^>]*>passed<\/text>/);
  // After `passed `, seven cells of 7.8.
  t.regex(svg, /<text x="70\.6" [^>]*font-weight="bold"[^>]*>a &amp; b<\/text>/);
  t.regex(svg, /<text [^>]*>: &lt;c&gt;<\/text>/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left.
  t.notRegex(svg, /\u001b/);
});
