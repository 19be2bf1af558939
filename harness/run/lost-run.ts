import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '../result/progress.ts';
import type { RunResult } from '../result/result.ts';
import { readVerdict, runFolder, writeVerdict } from './run-folder.ts';

/**
 * Writes the verdict on a run that a part of the testbed ended, unless it has one: it says nothing about the
 * system.
 *
 * @returns the verdict that it has now
 */
export async function recordLost(folder: string, run: RunId, reason: string): Promise<RunResult> {
  const place = join(folder, runFolder(run));
  const known = await readVerdict(place);
  if (known) return known;
  const lost: RunResult = {
    index: run.index,
    status: 'invalid',
    reason,
    labUpMs: 0,
    wallMs: 0,
    metrics: {},
    episodes: [],
    checks: [],
    events: [],
    artifacts: { logs: [] },
    versions: {},
  };
  await mkdir(place, { recursive: true });
  await writeVerdict(place, lost);
  return lost;
}
