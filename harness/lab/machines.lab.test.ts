import { randomBytes } from 'node:crypto';
import test from 'ava';
import { findEngine } from './engine/engine.ts';
import { execute } from './engine/execution.ts';
import { newLabName } from './engine/labels.ts';
import { requireImages } from './images/images.ts';
import { MachineEnded, Machines } from './machines.ts';

const engine = await findEngine();
const { amphora: image } = await requireImages(engine);
/** More than a pipe, a socket or an argument of a program holds. */
const LARGE = randomBytes(1_500_000).toString('hex');

test('a machine has its files, large ones too, before it boots, and boots again with what was made of them', async (t) => {
  t.timeout(60_000);
  const machines = new Machines(engine, newLabName());
  const { containerId } = await machines.start({
    ...{ name: 'alone', hostname: 'alone', image },
    files: [
      { path: 'etc/large/file', mode: 0o600, content: Buffer.from(LARGE) },
      { path: 'etc/link', mode: 0o777, content: { linkTo: 'large/file' } },
      { path: 'etc/keepalived/keepalived.conf', mode: 0o640, content: Buffer.from('# given\n') },
    ],
  });
  await using _ = { [Symbol.asyncDispose]: () => machines.remove(containerId) };
  const inside = (...argv: string[]) => execute(engine, containerId, argv);

  const booted = () => inside('sh', '-c', 'until [ "$(cat /proc/1/comm)" = systemd ]; do sleep 0.05; done');

  await booted();
  t.is(await inside('cat', '/etc/link'), LARGE);
  t.is(await inside('stat', '--format=%a %U:%G', '/etc/large/file'), '600 root:root\n');
  t.regex(await inside('cat', '/etc/hosts'), /^127\.0\.1\.1 alone$/m);
  t.is(await inside('readlink', '/proc/1/fd/0'), '/dev/null\n');

  await inside('sh', '-c', 'echo changed >/etc/keepalived/keepalived.conf');
  await machines.restart(containerId, 'reset');
  await booted();
  t.is(await inside('cat', '/etc/keepalived/keepalived.conf'), 'changed\n');
});

test('a machine whose files cannot be unpacked is reported as one that ended', async (t) => {
  const machines = new Machines(engine, newLabName());
  const { containerId } = await machines.start({
    ...{ name: 'alone', hostname: 'alone', image },
    files: [{ path: 'proc/none', mode: 0o644, content: Buffer.from('') }],
  });
  await using _ = { [Symbol.asyncDispose]: () => machines.remove(containerId) };
  await engine.docker.getContainer(containerId).wait();
  await t.throwsAsync(machines.pidOf(containerId), {
    instanceOf: MachineEnded,
    message: /alone ended with exit code 2/,
  });
});
