import { resolve } from 'node:path';
import test from 'ava';
import { OWN_SYSTEM } from '../../system/system.ts';
import { UsageError } from '../../usage-error.ts';
import { parseVariant } from './variant.ts';

test('parameters, refs, releases and images make a variant', (t) => {
  t.deepEqual(parseVariant('--a', 'advert_int=2,fail_count=3', resolve), {
    text: 'advert_int=2,fail_count=3',
    set: ['advert_int=2', 'fail_count=3'],
    system: OWN_SYSTEM,
  });
  t.is(parseVariant('--a', 'ref=origin/main', resolve).system.ref, 'origin/main');
  t.is(parseVariant('--b', 'release=trixie,advert_int=1', resolve).system.release, 'trixie');
});

for (const [text, message] of [
  ['main', /--a takes key=value.*found "main"/],
  ['advert_itn=2', /--a: there is no "advert_itn"; the nearest is advert_int/],
  ['image=x,ref=main', /--a: image cannot be combined with ref/],
  ['advert_int=0', /advert_int: "0" is not allowed/],
] as const) {
  test(`--a ${text} is answered with one sentence`, (t) => {
    t.throws(() => parseVariant('--a', text, resolve), { instanceOf: UsageError, message });
  });
}
