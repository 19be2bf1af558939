import { join } from 'node:path';
import pc from 'picocolors';
import { mergeResults } from '../merge/merge.ts';
import { pointLatestTo, writeReport } from '../report/files.ts';
import { terminalSummary } from '../report/terminal.ts';
import { exitCodeOf } from './errors.ts';
import { fromUser, reportId, reportsFolder } from './places.ts';

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
  const { mixed = false, incomplete = false } = options;
  const result = await mergeResults(folders.map(fromUser), target, id, { mixed, incomplete });
  await writeReport(target, result);
  await pointLatestTo(target);
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  const out = options.json ? process.stderr : process.stdout;
  out.write(
    `${terminalSummary(result, pc.createColors(Boolean(out.isTTY) && !process.env.NO_COLOR))}\n\n${target}\n`,
  );
  return exitCodeOf(result);
}
