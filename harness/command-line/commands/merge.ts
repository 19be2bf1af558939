import { join } from 'node:path';
import { pointLatestTo, writeReport } from '../../report/files.ts';
import { mergeResults } from '../../run/merge/merge.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { exitCodeOf } from '../errors.ts';
import { json, reports } from '../options.ts';
import { fromUser, makeNamedFolder, reportId, reportsFolder } from '../places.ts';
import { printResult } from '../print.ts';

export const group: Group = 'Compare';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('merge')
    .description('Joins the results of several machines, such as the shards of a night.')
    .argument('<folders...>', 'Folders of reports.')
    .option('--mixed', 'Joins results of different environments too.')
    .option('--incomplete', 'Joins although a shard is missing.')
    .addOption(reports())
    .addOption(json('Prints result.json; all else goes to standard error.'))
    .example('npm run merge -- reports/shard-1 reports/shard-2')
    .action(async (folders, options) => finish(await merge(folders, options)));
}

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
