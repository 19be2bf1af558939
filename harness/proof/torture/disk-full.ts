import { mkdtemp, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Bench, Torture } from './fault.ts';
import { OwnEngine, whyNoEngine } from './own-engine.ts';
import { Victim } from './victim.ts';

const SCENARIO = ['scenario', 'keepalived-stop', '--seed', '1'] as const;
/** Not even a capture fits. */
const NO_RUN_KB = 64;
/** The least size of all files of a report together. */
const READABLE_KB = 32;
const PAGE_KB = 4;
/** The images unpacked, and some room. */
const ENGINE_MB = 1500;

/** The disk is full where reports go, in a run and after it; then where the engine keeps its containers. */
export const diskFull: Torture = async (bench) => {
  await inReports(bench, 'in the reports, mid-run', NO_RUN_KB);
  await inReports(bench, 'in the reports, after the run', (await sizeOfRunKb(bench)) - READABLE_KB);
  await inEngine(bench);
};

async function inReports({ engine, report }: Bench, instant: string, sizeKb: number): Promise<void> {
  const blow = { fault: 'disk full', instant };
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-full-'));
  try {
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', `size=${sizeKb}k`, 'tmpfs', folder], {
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
}

/** What one run's reports take, in pages, as a disk in memory counts. */
async function sizeOfRunKb({ engine }: Bench): Promise<number> {
  await using run = await Victim.start(engine, SCENARIO);
  await run.ended;
  const files = await readdir(run.reports, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    files
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, bytes) => sum + Math.ceil(bytes / 1024 / PAGE_KB) * PAGE_KB, 0);
}

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
    const verdict = await victim.judge(blow, [3]);
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
