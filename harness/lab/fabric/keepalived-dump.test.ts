import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { keepalivedDump } from './keepalived-dump.ts';

/** A process with such a program below it, which is ready; both end with its input. */
async function machine(
  t: { teardown(end: () => Promise<void>): void },
  onSignal: string,
  name = 'keepalived',
) {
  const folder = await mkdtemp(join(tmpdir(), 'dump-'));
  const [program, dump] = [join(folder, name), join(folder, 'dump')];
  await writeFile(
    program,
    `#!/bin/sh\ntrap "${onSignal} ${dump}" USR1\necho ready\nwhile :; do sleep 0.01; done\n`,
    {
      mode: 0o755,
    },
  );
  const init = spawn('sh', ['-c', '"$0" & read -r _; kill -KILL $!', program], { stdio: 'pipe' });
  t.teardown(async () => {
    const ended = once(init, 'exit');
    init.stdin.end();
    await ended;
    await rm(folder, { recursive: true });
  });
  await once(init.stdout, 'data');
  return { pid: init.pid ?? 0, dump };
}

test('keepalived below a process tells its state, each time as it is then', async (t) => {
  const { pid, dump } = await machine(t, "printf '%s\\n' \\$((n += 1)) '< Interfaces >' >");
  const first = await keepalivedDump({ pid, command: 'keepalived' }, dump);
  t.is(first?.text, '1\n< Interfaces >\n');
  t.not(first?.pid, pid);
  t.is((await keepalivedDump({ pid, command: 'keepalived' }, dump))?.text, '2\n< Interfaces >\n');
});

test('a keepalived that writes no whole dump does not answer', async (t) => {
  const { pid, dump } = await machine(t, 'echo begun >');
  t.is(await keepalivedDump({ pid, command: 'keepalived' }, dump), undefined);
});

test('of several, the one of this command line is asked', async (t) => {
  const { pid, dump } = await machine(t, 'touch');
  t.is(await keepalivedDump({ pid, command: 'keepalived .*-f /another.conf' }, dump), undefined);
  t.false(existsSync(dump));
});

test('where no keepalived runs, nobody gets its signal', async (t) => {
  const { pid, dump } = await machine(t, 'touch', 'another');
  t.is(await keepalivedDump({ pid, command: 'keepalived' }, dump), undefined);
  t.false(existsSync(dump));
});
