import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Result } from '../result/result.ts';
import { writeWhole } from '../result/write-whole.ts';
import { readBackground } from './content/background.ts';
import { junitXml } from './junit.ts';
import { markdownSummary } from './markdown.ts';
import { reportPage } from './page/page.ts';
import { samplesCsv } from './samples.ts';

/**
 * Writes what a result is read by: result.json, report.html, junit.xml, summary.md and samples.csv.
 * A background that was written there before is drawn as well.
 */
export async function writeReport(folder: string, result: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  const background = await readBackground(folder);
  await Promise.all([
    writeWhole(join(folder, 'report.html'), await reportPage(folder, result, background)),
    writeWhole(join(folder, 'samples.csv'), samplesCsv(result)),
    writeWhole(join(folder, 'result.json'), `${JSON.stringify(result, undefined, 2)}\n`),
    writeWhole(join(folder, 'junit.xml'), junitXml(result)),
    writeWhole(join(folder, 'summary.md'), markdownSummary(result)),
  ]);
}

/** `latest`, beside the folder, points to it from now on. */
export async function pointLatestTo(folder: string): Promise<void> {
  const latest = join(folder, '..', 'latest');
  const fresh = `${latest}.${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(basename(folder), fresh);
  await rename(fresh, latest);
}
