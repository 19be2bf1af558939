import test from 'ava';
import fc from 'fast-check';
import { readHaproxy } from './haproxy.ts';

const word = fc.stringMatching(/^[A-Za-z0-9_.:*-]+$/).filter((text) => text !== '');
const spaced = fc.stringMatching(/^[A-Za-z0-9 #_-]+$/);

test('what was printed is read as it was, with its lines', (t) => {
  const directive = fc.tuple(
    fc.constantFrom('bind', 'server', 'option'),
    fc.array(fc.oneof(word, spaced), { maxLength: 3 }),
  );
  const section = fc.tuple(
    fc.constantFrom('frontend', 'backend', 'listen'),
    word,
    fc.array(directive, { maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(section, { maxLength: 4 }), (wanted) => {
      const lines: string[] = [];
      const places: number[] = [];
      const quoted = (text: string) => (/^[\w.:*-]+$/.test(text) ? text : `"${text}"`);
      for (const [kind, name, inside] of wanted) {
        lines.push('# comment', `${kind} ${name} # another`);
        places.push(lines.length);
        for (const [keyword, rest] of inside) {
          lines.push(`    ${[keyword, ...rest.map(quoted)].join('  ')}`);
          places.push(lines.length);
        }
      }
      const { sections } = readHaproxy({ file: 'h.cfg', text: lines.join('\n') });
      t.deepEqual(
        sections.map(({ words, lines: inside }) => [words, inside.map((line) => line.words)]),
        wanted.map(([kind, name, inside]) => [
          [kind, name],
          inside.map(([keyword, rest]) => [keyword, ...rest]),
        ]),
      );
      t.deepEqual(
        sections.flatMap((each) => [each.line, ...each.lines.map(({ line }) => line)]),
        places,
      );
    }),
  );
});

test('quotes, backslashes and comments are read as HAProxy reads them', (t) => {
  const { sections, comments } = readHaproxy({
    file: 'h.cfg',
    text: `frontend web\n  log-format a\\ b 'c "d"' "e\\"f" # why\n`,
  });
  t.deepEqual(sections[0]?.lines[0]?.words, ['log-format', 'a b', 'c "d"', 'e"f']);
  t.deepEqual(comments, [{ file: 'h.cfg', line: 2, text: 'why' }]);
});
