import { join, resolve } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../images/project.ts';
import { scenariosFolder } from './mistakes.fixture.ts';
import type { Plan } from './plan.ts';
import { readVerdict, runFolder } from './run-folder.ts';
import { Worker } from './worker.ts';

/** What a scenario's file does as soon as it is loaded, and what the reason for the lost run is then. */
const ENDS: Readonly<Record<string, { readonly text: string; readonly reason: RegExp }>> = {
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
    reason: /^The process that ran it ended: it did not end within 0\.\d minutes, and was killed$/,
  },
};
const LIMIT_MS = 6000;

for (const [what, { text, reason }] of Object.entries(ENDS)) {
  test(`a process that ${what} costs its run, with the cause`, async (t) => {
    await using scenarios = await scenariosFolder({ 'mistake.ts': text });
    const folder = resolve(PROJECT_ROOT, scenarios.folder);
    const plan: Plan = {
      ...{ folder, images: {} as Plan['images'], jobs: {}, seed: 1, set: [] },
      ...{ keep: false, reuse: false },
    };
    await using worker = new Worker(plan, () => LIMIT_MS);
    const run = { scenario: 'mistake', index: 2, attempt: 1 };
    const order = { run, phaseShare: 0, file: join(folder, 'mistake.ts') };
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
