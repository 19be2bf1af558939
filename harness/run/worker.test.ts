import { join, resolve } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../project.ts';
import { scenariosFolder } from '../scenario/mistakes.fixture.ts';
import type { Plan } from './plan.ts';
import { readVerdict, runFolder } from './run-folder.ts';
import { Worker } from './worker.ts';

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

for (const [what, { text, reason, limitMs = LIMIT_MS }] of Object.entries(ENDS)) {
  test.serial(`a process that ${what} costs its run, with the cause`, async (t) => {
    t.timeout(2 * LIMIT_MS);
    await using scenarios = await scenariosFolder({ 'mistake.ts': text });
    const folder = resolve(PROJECT_ROOT, scenarios.folder);
    const plan: Plan = {
      ...{ folder, images: {} as Plan['images'], jobs: {}, seed: 1, set: [] },
      ...{ keep: false, reuse: false },
    };
    await using worker = new Worker(plan, () => limitMs);
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
