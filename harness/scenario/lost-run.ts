import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '../report/progress.ts';
import type { RunResult } from '../report/result.ts';
import { readVerdict, runFolder, writeVerdict } from './run-folder.ts';

/** The verdict on a run that something of the testbed ended: nothing is known of the system then. */
export function lostRun(index: number, reason: string): RunResult {
  return {
    index,
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
}

/** Writes that verdict for those runs that were begun and have none; gives these. */
export async function recordLost(
  folder: string,
  underWay: readonly RunId[],
  reason: string,
): Promise<readonly RunId[]> {
  const lost = await Promise.all(
    underWay.map(async (run) => {
      const place = join(folder, runFolder(run));
      const begun = await access(place).then(
        () => true,
        () => false,
      );
      if (!begun || (await readVerdict(place))) return [];
      await writeVerdict(place, lostRun(run.index, reason));
      return [run];
    }),
  );
  return lost.flat();
}
