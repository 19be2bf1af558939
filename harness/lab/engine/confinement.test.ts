import test from 'ava';
import { hostProcesses, unconfined } from './confinement.ts';

const ROOT = { isRootless: false };

test('each engine gets in its own words that /proc/sys may be written', (t) => {
  t.deepEqual(unconfined({ name: 'Docker' }, ROOT).ReadonlyPaths, []);
  // Docker refuses a security option that it does not know.
  t.false(unconfined({ name: 'Docker' }, ROOT).SecurityOpt?.includes('unmask=ALL'));
  t.true(unconfined({ name: 'Podman' }, ROOT).SecurityOpt?.includes('unmask=ALL'));
});

test('in the namespace of an ordinary user there is a second sysfs, beside which a third can be mounted', (t) => {
  for (const name of ['Docker', 'Podman']) {
    t.deepEqual(unconfined({ name }, ROOT).Binds, []);
    t.deepEqual(unconfined({ name }, { isRootless: true }).Binds, ['/sys:/mnt/sys:ro']);
  }
});

test('an ordinary user’s Docker is given the /proc of the host, which it would not mount', (t) => {
  for (const name of ['Docker', 'Podman'])
    t.deepEqual(hostProcesses({ name }, ROOT), { PidMode: 'host', Binds: [] });
  t.deepEqual(hostProcesses({ name: 'Docker' }, { isRootless: true }).Binds, ['/proc:/proc']);
  t.deepEqual(hostProcesses({ name: 'Podman' }, { isRootless: true }).Binds, []);
});
