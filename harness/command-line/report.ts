import { join } from 'node:path';
import pc from 'picocolors';
import { writeReport } from '../report/files.ts';
import { takeScreenshots } from '../report/screenshots.ts';
import { terminalSummary } from '../report/terminal.ts';
import { rejudge } from '../scenario/rejudge.ts';
import { exitCodeOf } from './errors.ts';
import { fromUser } from './places.ts';

/** `report`: judges a stored report again, without containers, and renders it again. */
export async function report(
  folder: string,
  options: { readonly screenshots?: string } = {},
): Promise<number> {
  const place = fromUser(folder);
  const result = await rejudge(place);
  await writeReport(place, result);
  const colors = pc.createColors(process.stdout.isTTY && !process.env.NO_COLOR);
  process.stdout.write(`${terminalSummary(result, colors)}\n\n${place}\n`);
  if (options.screenshots !== undefined) {
    const files = await takeScreenshots(join(place, 'report.html'), fromUser(options.screenshots));
    process.stdout.write(files.map((file) => `${file}\n`).join(''));
  }
  return exitCodeOf(result);
}
