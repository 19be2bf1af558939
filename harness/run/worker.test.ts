import { join, resolve } from 'node:path';
import test from 'ava';
import { execaNode } from 'execa';
import { gone, MARK } from '../lab/engine/marked.fixture.ts';
import { PROJECT_ROOT } from '../project.ts';
import { scenariosFolder } from '../scenario/mistakes.fixture.ts';
import type { Plan } from './plan.ts';
import { readVerdict, runFolder } from './run-folder.ts';
import { readyWorker, Worker } from './worker.ts';

/** What a scenario's file does as soon as it is loaded, and what the reason for the lost run is then. */
const ENDS: Readonly<
  Record<string, { readonly text: string; readonly reason: RegExp; readonly limitMs?: number }>
> = {
  'is killed by -9': {
    text: "process.kill(process.pid, 'SIGKILL');\nawait new Promise(() => {});\n",
    reason: /^The process that ran it ended: it was killed by SIGKILL$/,
  },
  'leaves by itself': {
    text: 'process.exit(7);\n',
    reason: /^The process that ran it ended: it left with exit code 7$/,
  },
  'dies of an error that nobody catches': {
    text: "setTimeout(() => { throw new Error('out of the blue'); });\nawait new Promise(() => {});\n",
    reason: /^The process that ran it ended: [\s\S]*out of the blue/,
  },
  'goes around for ever': {
    text: 'for (;;);\n',
    reason: /^The process that ran it ended: it did not end within 2 s, and was killed$/,
    limitMs: 2000,
  },
};
/** A process loads in a second, and in many on a busy machine. */
const LIMIT_MS = 100_000;

function planIn(folder: string): Plan {
  return {
    ...{ folder, images: {} as Plan['images'], jobs: {}, seed: 1, set: [] },
    ...{ keep: false, reuse: false },
  };
}

for (const [what, { text, reason, limitMs = LIMIT_MS }] of Object.entries(ENDS)) {
  test.serial(`a process that ${what} costs its run, with the cause`, async (t) => {
    t.timeout(2 * LIMIT_MS);
    await using scenarios = await scenariosFolder({ 'mistake.ts': text });
    const folder = resolve(PROJECT_ROOT, scenarios.folder);
    await using worker = new Worker(planIn(folder), () => limitMs);
    const run = { scenario: 'mistake', index: 2, attempt: 1 };
    const order = { run, phaseShare: 0, file: join(folder, 'mistake.ts'), atMs: 0 };
    const performed = await worker.perform(order, () => {});
    t.true('outcome' in performed);
    t.is('outcome' in performed && performed.outcome.status, 'invalid');
    t.false(worker.alive);
    const verdict = await readVerdict(join(folder, runFolder(run)));
    t.is(verdict?.status, 'invalid');
    t.regex(verdict?.reason ?? '', reason);
    await worker.release();
    const next = await worker.perform({ ...order, run: { ...run, attempt: 2 } }, () => {});
    t.is('outcome' in next && next.outcome.status, 'invalid', 'it is asked for nothing more in vain');
  });
}

test.serial(
  'a process that was made ready beforehand performs the first run, and the next worker starts its own',
  async (t) => {
    t.timeout(2 * LIMIT_MS);
    await using scenarios = await scenariosFolder({
      'mistake.ts': 'process.exit(process.env.READY_BEFOREHAND ? 7 : 8);\n',
    });
    const folder = resolve(PROJECT_ROOT, scenarios.folder);
    process.env.READY_BEFOREHAND = 'yes';
    readyWorker({ keep: false });
    delete process.env.READY_BEFOREHAND;
    for (const [index, code] of [7, 8].entries()) {
      await using worker = new Worker(planIn(folder), () => LIMIT_MS);
      const run = { scenario: 'mistake', index, attempt: 1 };
      await worker.perform({ run, phaseShare: 0, file: join(folder, 'mistake.ts'), atMs: 0 }, () => {});
      const verdict = await readVerdict(join(folder, runFolder(run)));
      t.is(verdict?.reason, `The process that ran it ended: it left with exit code ${code}`);
    }
  },
);

test.serial('a process that was made ready in vain ends with the command', async (t) => {
  t.timeout(2 * LIMIT_MS);
  const mark = `ready ${process.pid}`;
  const { exitCode } = await execaNode({
    cwd: PROJECT_ROOT,
    env: { [MARK]: mark },
    nodeOptions: ['--input-type=module-typescript'],
    input: `import { readyWorker } from ${JSON.stringify(join(import.meta.dirname, 'worker.ts'))};
      readyWorker({ keep: false });
      process.exit(0);`,
  })`-`;
  t.is(exitCode, 0);
  await t.notThrowsAsync(gone(mark));
});
