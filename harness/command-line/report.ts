import { join } from 'node:path';
import { writeReport } from '../report/files.ts';
import { takeScreenshots } from '../report/screenshots.ts';
import { rejudge } from '../scenario/rejudge.ts';
import { exitCodeOf } from './errors.ts';
import { fromUser, makeNamedFolder } from './places.ts';
import { printResult } from './print.ts';

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
