import { join } from 'node:path';
import { writeReport } from '../report/files.ts';
import { takeScreenshots } from '../report/screenshots.ts';
import { rejudge } from '../scenario/rejudge.ts';
import type { Running, TestbedCommand } from './command.ts';
import { exitCodeOf } from './errors.ts';
import { takes } from './options.ts';
import { fromUser, makeNamedFolder } from './places.ts';
import { printResult } from './print.ts';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('report')
    .description('Judges a stored report again, without containers, and renders it again.')
    .argument('<folder>', 'The folder of a report, such as reports/latest.')
    .addOption(
      takes('--screenshots <folder>', 'Writes pictures of overview, scenario and trend into it as PNG.', {
        otherwise: 'no pictures',
      }),
    )
    .example('npm run report -- reports/latest')
    .action(async (folder, options) => finish(await report(folder, options)));
}

/** `report`: judges a stored report again, without containers, and renders it again. */
export async function report(
  folder: string,
  options: { readonly screenshots?: string } = {},
): Promise<number> {
  const place = fromUser(folder);
  const result = await rejudge(place);
  await writeReport(place, result);
  printResult(result, [place]);
  if (options.screenshots !== undefined) {
    const pictures = fromUser(options.screenshots);
    makeNamedFolder(pictures, '--screenshots');
    const files = await takeScreenshots(join(place, 'report.html'), pictures);
    process.stdout.write(files.map((file) => `${file}\n`).join(''));
  }
  return exitCodeOf(result);
}
