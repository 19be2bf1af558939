import test from 'ava';
import { UsageError } from '../../scenario/parameters.ts';
import { parseVariant } from './variant.ts';

test('parameters, refs, releases and images make a variant', (t) => {
  t.deepEqual(parseVariant('--a', 'advert_int=2,fail_count=3'), {
    text: 'advert_int=2,fail_count=3',
    set: ['advert_int=2', 'fail_count=3'],
  });
  t.is(parseVariant('--a', 'ref=origin/main').ref, 'origin/main');
  t.is(parseVariant('--b', 'release=trixie,advert_int=1').release, 'trixie');
});

for (const [text, message] of [
  ['main', /--a takes key=value.*found "main"/],
  ['advert_itn=2', /--a: there is no "advert_itn"; the nearest is advert_int/],
  ['image=x,ref=main', /--a: an image cannot be combined with ref or release/],
  ['advert_int=0', /advert_int: "0" is not allowed/],
] as const) {
  test(`--a ${text} is answered with one sentence`, (t) => {
    t.throws(() => parseVariant('--a', text), { instanceOf: UsageError, message });
  });
}
