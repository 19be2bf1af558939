import { resolve } from 'node:path';
import test from 'ava';
import { UsageError } from '../../usage-error.ts';
import { parseMatrix } from './matrix.ts';

const read = (text: string) => parseMatrix('--matrix', text, resolve);

test('a matrix has a variant for each combination, the first of all first', (t) => {
  const { variants, refused } = read('release=bookworm,trixie; advert_int=1,2');
  t.deepEqual(
    variants.map(({ text }) => text),
    [
      'release=bookworm,advert_int=1',
      'release=bookworm,advert_int=2',
      'release=trixie,advert_int=1',
      'release=trixie,advert_int=2',
    ],
  );
  t.deepEqual(refused, []);
});

test('a combination that cannot be is named with its reason, and the others are measured', (t) => {
  const { variants, refused } = read('release=bookworm,trixie;octavia=own,16');
  t.is(variants.length, 3);
  t.like(refused, [{ text: 'release=bookworm,octavia=16' }]);
  t.regex(refused[0]?.reason ?? '', /octavia=trixie cannot be combined with release=bookworm/);
});

for (const [text, message] of [
  ['release', /--matrix takes key=value,value;key=value,value, such as .*found "release"/],
  ['release=bookworm,trixi', /--matrix: release takes bookworm, trixie, sid; found "trixi"/],
  ['release=bookworm', /--matrix needs two combinations that can be measured; there is one\./],
  [
    'release=sid;octavia=11,16',
    /there is none \(release=sid,octavia=11: octavia=bookworm cannot be combined/,
  ],
  ['relase=bookworm,trixie', /there is no "relase"; the nearest is release/],
] as const) {
  test(`--matrix ${text} is answered with one sentence`, (t) => {
    t.throws(() => read(text), { instanceOf: UsageError, message });
  });
}
