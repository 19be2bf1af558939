import { dirname } from 'node:path/posix';
import type { RunResult } from '../../result/result.ts';

/** The folder of a run relative to the result's; absent when the run left none. */
export function runFolder({ artifacts }: Pick<RunResult, 'artifacts'>): string | undefined {
  const file = artifacts.capture ?? artifacts.logs[0];
  return file === undefined ? undefined : dirname(file);
}

/** `run 3`, and for its repetitions `run 3 again 1`, so that no two are alike. */
export function runLabel(run: Pick<RunResult, 'artifacts' | 'index'>): string {
  return runFolder(run)?.split('/').at(-1)?.replaceAll('-', ' ') ?? `run ${run.index}`;
}
