import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { UsageError } from '../usage-error.ts';
import { OWN_SYSTEM, parseSystem, systemPairs } from './system.ts';

const read = (...pairs: readonly string[]) => parseSystem('--with', pairs, resolve);

test('nothing is the testbed’s own system', (t) => {
  t.deepEqual(read(), OWN_SYSTEM);
  t.deepEqual(read('octavia=own'), OWN_SYSTEM);
  t.deepEqual(systemPairs(OWN_SYSTEM), []);
});

test('a release of Octavia brings its own packages', (t) => {
  t.like(read('octavia=bookworm'), { octavia: { kind: 'debian' }, release: 'bookworm' });
  t.deepEqual(read('octavia=trixie,release=trixie'), read('octavia=trixie'));
  t.deepEqual(read('octavia=16'), read('octavia=trixie'));
});

test('a checkout is laid over a release, and may be at a ref with an @ or a slash in its path', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-system-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'o/octavia'), { recursive: true });
  await writeFile(join(folder, 'o/.git'), '');
  const at = (ref: string) => read(`octavia=${folder}/o${ref}`, 'release=bookworm').octavia;
  t.deepEqual(at(''), { kind: 'checkout', path: `${folder}/o` });
  t.deepEqual(at('@fix/garp'), { kind: 'checkout', path: `${folder}/o`, ref: 'fix/garp' });
  t.is(read(`octavia=${folder}/o`).release, 'trixie');
});

test('the pairs of a system read as the same system', (t) => {
  const system = read('ref=main', `haproxy.cfg=${import.meta.filename}`, 'octavia=trixie', 'keepalived=.');
  const pairs = systemPairs(system);
  t.deepEqual(parseSystem('--with', pairs, resolve), system);
  t.deepEqual(
    pairs.map((pair) => pair.split('=')[0]),
    ['octavia', 'keepalived', 'haproxy.cfg', 'ref'],
  );
});

test('a pair is a folder with a and b, beside which packages and builds of programs may stand', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-system-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'a'));
  t.throws(() => read(`pair=${folder}`), { message: /has no b\.$/ });
  await mkdir(join(folder, 'b'));
  const system = read(`pair=${folder}`, 'release=trixie', 'keepalived=.');
  t.like(system, { pair: folder, release: 'trixie' });
  t.deepEqual(parseSystem('--with', systemPairs(system), resolve), system);
});

for (const [pairs, message] of [
  [['octavia'], /takes key=value, such as octavia=trixie; found "octavia"/],
  [['octavia='], /takes key=value.*found "octavia="/],
  [['octavia=sid'], /octavia takes own, bookworm, trixie \(11 and 16 name .*\), or a folder.*found "sid"/],
  [['release=trixi'], /release takes bookworm, trixie, sid; found "trixi", the nearest is trixie/],
  [['octavia=own', 'octavia=trixie'], /octavia is given twice/],
  [['octavia=/nowhere'], /git checkout of Octavia; there is none at "\/nowhere"/],
  [['keepalived=/nowhere'], /keepalived takes a path; there is nothing at "\/nowhere"/],
  [['image=a:1', 'keepalived=.'], /image cannot be combined with keepalived/],
  [['pair=/nowhere'], /pair takes the folder of a pair; there is nothing at "\/nowhere"/],
  [['pair=.', 'octavia=trixie'], /pair cannot be combined with octavia, as a pair has its own/],
  [['pair=.', `haproxy.cfg=${import.meta.filename}`], /pair cannot be combined with haproxy\.cfg/],
  [['image=a:1', 'pair=.'], /image cannot be combined with pair/],
  [['haproxi=.'], /there is no "haproxi"; the nearest is haproxy/],
] as const) {
  test(`--with ${pairs.join(' --with ')} is answered with one sentence`, (t) => {
    t.throws(() => read(...pairs), { instanceOf: UsageError, message });
  });
}
