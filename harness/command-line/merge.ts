import { join } from 'node:path';
import { mergeResults } from '../merge/merge.ts';
import { pointLatestTo, writeReport } from '../report/files.ts';
import { exitCodeOf } from './errors.ts';
import { fromUser, makeNamedFolder, reportId, reportsFolder } from './places.ts';
import { printResult } from './print.ts';

/** `merge`: results of several machines as one. */
export async function merge(
  folders: readonly string[],
  options: {
    readonly mixed?: boolean;
    readonly incomplete?: boolean;
    readonly reports: string;
    readonly json?: boolean;
  },
): Promise<number> {
  const id = reportId('merged');
  const target = join(reportsFolder(options.reports), id);
  makeNamedFolder(reportsFolder(options.reports), '--reports');
  const { mixed = false, incomplete = false } = options;
  const result = await mergeResults(folders.map(fromUser), target, id, { mixed, incomplete });
  await writeReport(target, result);
  await pointLatestTo(target);
  printResult(result, [target], options.json ? result : undefined);
  return exitCodeOf(result);
}
