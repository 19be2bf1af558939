import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Torture } from './fault.ts';
import { OwnEngine, whyNoEngine } from './own-engine.ts';
import { Victim } from './victim.ts';

const SCENARIO = ['scenario', 'keepalived-stop', '--seed', '1'] as const;
/** Not even a capture fits. */
const REPORTS_KB = 64;
/** The images unpacked, and some room. */
const ENGINE_MB = 1500;

/** The disk is full where reports go; then where the engine keeps its containers. */
export const diskFull: Torture = async (bench) => {
  await inReports(bench);
  await inEngine(bench);
};

const inReports: Torture = async ({ engine, report }) => {
  const blow = { fault: 'disk full', instant: 'in the reports' };
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-full-'));
  try {
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', `size=${REPORTS_KB}k`, 'tmpfs', folder], {
      reject: false,
    });
    if (mounted.exitCode !== 0) {
      report({ ...blow, status: 'skipped', detail: `no small disk: ${mounted.stderr}`, leaks: 0 });
      return;
    }
    await using victim = await Victim.start(engine, SCENARIO, { reports: folder });
    const verdict = await victim.judge(blow, [3]);
    report(
      verdict.status === 'survived' && !/no space/i.test(verdict.detail)
        ? { ...verdict, status: 'failed', detail: `it does not name the cause: ${verdict.detail}` }
        : verdict,
    );
  } finally {
    await execa('umount', ['--lazy', folder], { reject: false });
    await rm(folder, { recursive: true, force: true });
  }
};

const inEngine: Torture = async ({ engine, images, report }) => {
  const blow = { fault: 'disk full', instant: 'in the engine' };
  const why = whyNoEngine();
  if (why) {
    report({ ...blow, status: 'skipped', detail: why, leaks: 0 });
    return;
  }
  await using own = await OwnEngine.start(engine, images, ENGINE_MB);
  const filling = join(own.folder, 'filling');
  const { bavail, bsize } = await statfs(own.folder);
  await writeFile(filling, Buffer.alloc(bavail * bsize));
  {
    await using victim = await Victim.start(own.engine, SCENARIO);
    const verdict = await victim.judge(blow, [1, 3]);
    report(
      verdict.status === 'survived' && !/no space/i.test(await said(victim))
        ? { ...verdict, status: 'failed', detail: `it does not name the cause: ${verdict.detail}` }
        : verdict,
    );
  }
  await rm(filling);
  await using after = await Victim.start(own.engine, SCENARIO);
  report(await after.judge({ fault: 'disk has room again', instant: 'in the engine' }, [0]));
};

async function said(victim: Victim): Promise<string> {
  const { stdout, stderr } = await victim.ended;
  return stdout + stderr;
}
