import test from 'ava';
import fc from 'fast-check';
import { table, wrapped } from './terminal-text.ts';

const lengths = (text: string) => text.split('\n').map((line) => line.length);
const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 30 });

test('a table fits where its words do, and loses none of them', (t) => {
  fc.assert(
    fc.property(words, words, (one, other) => {
      const drawn = table(['fault', 'why'], [[one.join(' '), other.join(' ')]], {
        columns: 40,
        indent: '  ',
      });
      t.true(Math.max(...lengths(drawn)) <= 40, drawn);
      const count = (text: string, word: string) =>
        text.split(/[^a-z]+/).filter((each) => each === word).length;
      for (const word of one) t.true(count(drawn, word) >= count(one.join(' '), word), drawn);
    }),
  );
});

test('where there is no terminal, text is not wrapped and a table fits 100 columns', (t) => {
  const long = 'word '.repeat(60).trim();
  t.is(wrapped(long), long);
  const id = 'night-2026-01-31T02-00-00-000Z-1a2b';
  const drawn = table(['result', 'file', 'why'], [[id, `/srv/${'reports/'.repeat(12)}`, long]]);
  t.true(Math.max(...lengths(drawn)) <= 100, drawn);
  const column = (n: number) =>
    drawn
      .split('\n')
      .map((line) => line.split('│')[n]?.trim() ?? '')
      .join('');
  t.true(column(1).includes(id), drawn);
  t.true(column(2).includes('reports/'.repeat(12)), drawn);
});

test('a line breaks between words, and its rest is indented as it is; a table is left alone', (t) => {
  t.is(wrapped('  - one two three', 12), '  - one two\n    three');
  t.is(wrapped('  name  the title of it', 18), '  name  the title\n        of it');
  t.is(wrapped('/a/path/that/has/no/blank', 12), '/a/path/that/has/no/blank');
  const drawn = table(['outage'], [['1'.repeat(30)]]);
  t.is(wrapped(drawn, 12), drawn);
});
