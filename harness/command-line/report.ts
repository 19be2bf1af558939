import { resolve } from 'node:path';
import pc from 'picocolors';
import { writeReport } from '../report/files.ts';
import { terminalSummary } from '../report/terminal.ts';
import { rejudge } from '../scenario/rejudge.ts';
import { exitCodeOf } from './errors.ts';

/** `report`: judges a stored report again, without containers, and renders it again. */
export async function report(folder: string): Promise<number> {
  const place = resolve(process.env.INIT_CWD ?? process.cwd(), folder);
  const result = await rejudge(place);
  await writeReport(place, result);
  const colors = pc.createColors(process.stdout.isTTY && !process.env.NO_COLOR);
  process.stdout.write(`${terminalSummary(result, colors)}\n\n${place}\n`);
  return exitCodeOf(result);
}
