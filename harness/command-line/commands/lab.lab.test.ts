import { once } from 'node:events';
import { mkdtemp, readFile, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import { execa } from 'execa';
import { PcapReader } from '../../observations/pcap.ts';
import { PROJECT_ROOT } from '../../project.ts';

const MAIN = join(PROJECT_ROOT, 'harness/command-line/main.ts');
const COMMAND_LIMIT_MS = 30_000;

test('a lab to work in by hand is listed, entered, captured, and ends with its command', async (t) => {
  t.timeout(180_000);
  const cli = (args: readonly string[], input?: string) =>
    execa(process.execPath, [MAIN, 'lab', ...args], {
      cwd: PROJECT_ROOT,
      reject: false,
      timeout: COMMAND_LIMIT_MS,
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
    });
  const up = execa(process.execPath, [MAIN, 'lab', 'up', '--json'], { cwd: PROJECT_ROOT, reject: false });
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-lab-'));
  t.teardown(() => rm(folder, { recursive: true }));
  let ended = '';
  try {
    const [line] = await once(createInterface({ input: up.stdout }), 'line');
    const { name, amphorae } = JSON.parse(line);
    ended = name;
    t.is(amphorae.length, 2);
    t.regex((await cli(['list'])).stdout, new RegExp(`^${name}\tamphora-1 amphora-2 fabric$`, 'm'));
    const at = (node: string, ...command: string[]) => ['exec', '--lab', name, node, '--', ...command];
    t.is((await cli(at('amphora-1', 'sh', '-c', 'exit 7'))).exitCode, 7);
    t.is((await cli(at('client', 'wc', '-c'), 'twelve bytes')).stdout, '12');
    const misspelt = await cli(at('amphora-3', 'true'));
    t.is(misspelt.exitCode, 2);
    t.regex(misspelt.stderr, /no node "amphora-3"; the nearest is amphora-[12]/);

    const file = join(folder, 'ports.pcap');
    const capture = cli(['capture', '--lab', name, file]);
    await once(createInterface({ input: capture.stderr }), 'line');
    // Advertisements pass once a second.
    for await (const _change of watch(folder, { signal: AbortSignal.timeout(COMMAND_LIMIT_MS) })) {
      if (new PcapReader().push(await readFile(file)).length > 2) break;
    }
    capture.kill('SIGINT');
    t.is((await capture).exitCode, 0);
    t.is((await cli(['capture', '--lab', name, '/dev/full'])).exitCode, 3);
    t.is((await cli(['capture', '--lab', name, join(folder, 'absent', 'x')])).exitCode, 2);
  } finally {
    up.kill('SIGINT');
    t.is((await up).exitCode, 130);
  }
  // Labs of other tests may be up.
  t.false((await cli(['list'])).stdout.includes(ended));
});
