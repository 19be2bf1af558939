import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { RELEASES } from '../../system/system.ts';
import { UsageError } from '../../usage-error.ts';
import { readCheckout } from './octavia-checkout.ts';
import { planAmphora, planFabric, planPlain } from './plan.ts';
import { WITHOUT_AUTHORITIES } from './recipe.ts';
import { type ImageStack, referencesOf, topOf } from './stack.ts';

const OWN = { octavia: { kind: 'own' } } as const;
const DEBIAN = { octavia: { kind: 'debian' }, release: 'trixie' } as const;

test('each release has its own images, and the testbed’s release is the one without a name', async (t) => {
  const plans = await Promise.all(RELEASES.map((release) => planAmphora({ ...OWN, release })));
  t.is(new Set(plans.map(topOf)).size, RELEASES.length);
  t.deepEqual(
    plans.map(({ base }) => base.release),
    [...RELEASES],
  );
  t.is(topOf(await planAmphora(OWN)), topOf(await planAmphora({ ...OWN, release: 'bookworm' })));
});

test('the fabric shares base and Node with the testbed’s own amphora', async (t) => {
  t.deepEqual(referencesOf(await planFabric()).slice(0, 2), referencesOf(await planAmphora(OWN)).slice(0, 2));
});

test('upstream’s amphora has what its agent imports, Octavia unpacked, and no Node', async (t) => {
  const { base, layers } = await planAmphora(DEBIAN);
  t.deepEqual(base.unpacked, ['python3-octavia']);
  t.true(base.packages.includes('python3-flask'));
  t.deepEqual(
    layers.map(({ role }) => role),
    ['amphora'],
  );
});

test('HAProxy of an amphora and of the back ends has no authorities to read, that of a pair has what its configuration may name', async (t) => {
  const removes = (plan: ImageStack) =>
    plan.layers.some(({ dockerfile }) => dockerfile.includes(`\n${WITHOUT_AUTHORITIES}\n`));
  const [fabric, own, debian, plain] = await Promise.all([
    planFabric(),
    planAmphora(OWN),
    planAmphora(DEBIAN),
    planPlain({}, []),
  ]);
  t.deepEqual([fabric, own, debian, plain].map(removes), [true, true, true, false]);
});

test("Debian's units are taken away from the testbed's own amphora alone, before its own come", async (t) => {
  const plans = await Promise.all([planAmphora(OWN), planAmphora(DEBIAN), planPlain({}, [])]);
  const [own, debian, plain] = plans.map(({ layers }) =>
    layers.map(({ dockerfile }) => dockerfile).join('\n'),
  );
  t.regex(own ?? '', /\/units\.list.* rm -r.*\nCOPY rootfs\/ \/\n/s);
  t.notRegex(`${debian}${plain}`, /units\.list/);
});

test('Node reads no authorities when it starts, neither the fabric nor an agent', async (t) => {
  const late = 'NODE_OPTIONS=--use-openssl-ca';
  const { layers } = await planFabric();
  t.true(layers.some(({ dockerfile }) => dockerfile.includes(`\nENV ${late}\n`)));
  const files = await Promise.all((await planAmphora(OWN)).layers.map((layer) => layer.files()));
  const unit = files.flat().find(({ path }) => path.endsWith('/amphora-agent.service'));
  t.regex(String(unit?.content), new RegExp(`^Environment=.*${late}$`, 'm'));
});

/** A repository with a tree like Octavia's, small. */
async function repository(t: ExecutionContext): Promise<{ path: string; git: typeof git }> {
  const path = await mkdtemp(join(tmpdir(), 'amphora-testbed-octavia-'));
  t.teardown(() => rm(path, { recursive: true }));
  const git = (...args: string[]) =>
    execa('git', ['-C', path, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
  await mkdir(join(path, 'octavia/tests'), { recursive: true });
  await writeFile(join(path, 'octavia/agent.py'), 'one = 1\n');
  await writeFile(join(path, 'octavia/tests/test_agent.py'), '');
  await writeFile(join(path, 'setup.cfg'), '[metadata]\n');
  await writeFile(join(path, 'README'), '');
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '.');
  await git('commit', '--quiet', '--message=one');
  await git('tag', '16.0.0');
  return { path, git };
}

test('of a checkout, the working tree counts as it is, without its tests', async (t) => {
  const { path } = await repository(t);
  const clean = await readCheckout({ kind: 'checkout', path });
  t.deepEqual(clean.files.map((file) => file.path).sort(), ['octavia/agent.py', 'setup.cfg']);
  t.like(clean, { described: '16.0.0', changed: false });
  await writeFile(join(path, 'octavia/agent.py'), 'one = 2\n');
  await writeFile(join(path, 'octavia/new.py'), '');
  const changed = await readCheckout({ kind: 'checkout', path });
  t.true(changed.changed);
  t.deepEqual(changed.files.map((file) => file.path).sort(), [
    'octavia/agent.py',
    'octavia/new.py',
    'setup.cfg',
  ]);
  const [before, after] = await Promise.all([clean, changed].map((tree) => planAmphora(DEBIAN, tree)));
  t.is(before?.layers[0]?.reference, after?.layers[0]?.reference);
  t.not(before?.layers[1]?.reference, after?.layers[1]?.reference);
});

test('of a ref, what was committed counts', async (t) => {
  const { path } = await repository(t);
  await writeFile(join(path, 'octavia/agent.py'), 'one = 2\n');
  const { files, changed } = await readCheckout({ kind: 'checkout', path, ref: 'main' });
  const agent = files.find((file) => file.path === 'octavia/agent.py');
  t.is(String(agent?.content), 'one = 1\n');
  t.false(changed);
  t.is(await readFile(join(path, 'octavia/agent.py'), 'utf8'), 'one = 2\n');
});

test('a ref that a checkout does not have is answered with the nearest', async (t) => {
  const { path } = await repository(t);
  await t.throwsAsync(readCheckout({ kind: 'checkout', path, ref: 'mian' }), {
    instanceOf: UsageError,
    message: /no commit, branch or tag "mian"; the nearest is main/,
  });
});
