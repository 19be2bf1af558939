import test from 'ava';
import { unconfined } from './confinement.ts';

test('each engine gets in its own words that /proc/sys may be written', (t) => {
  t.deepEqual(unconfined({ name: 'Docker' }).ReadonlyPaths, []);
  // Docker refuses a security option that it does not know.
  t.false(unconfined({ name: 'Docker' }).SecurityOpt?.includes('unmask=ALL'));
  t.true(unconfined({ name: 'Podman' }).SecurityOpt?.includes('unmask=ALL'));
});
