import { join } from 'node:path';
import pc from 'picocolors';
import { isReplayable, replaySite } from '../../live/replay.ts';
import { takeReplayPictures } from '../../live/replay-pictures.ts';
import { writeReport } from '../../report/files.ts';
import { takeScreenshots } from '../../report/screenshots.ts';
import { terminalSummary } from '../../report/terminal.ts';
import { terminalSvg } from '../../report/terminal-svg.ts';
import { readResult } from '../../result/result.ts';
import { rejudge } from '../../run/rejudge.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT, exitCodeOf } from '../errors.ts';
import { openBrowser, showSite, untilInterrupted } from '../live-page.ts';
import { takes } from '../options.ts';
import { fromUser, makeNamedFolder, writeNamedFile } from '../places.ts';
import { printResult } from '../print.ts';

export const group: Group = 'Look inside';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  cli
    .command('report')
    .description('Judges a stored report again, without containers, and renders it again.')
    .argument('<folder>', 'The folder of a report, such as reports/latest.')
    .addOption(
      takes(
        '--screenshots <folder>',
        'Writes pictures of overview, scenario, trend and replay into it as PNG.',
        {
          otherwise: 'no pictures',
        },
      ),
    )
    .addOption(
      takes('--terminal <file>', 'Writes what the command of the report printed into it as SVG.', {
        otherwise: 'no picture',
      }),
    )
    .option('--ui', 'Replays its runs in a browser, until Ctrl-C.')
    .addOption(openBrowser())
    .example('npm run report -- reports/latest')
    .example('npm run report -- reports/latest --ui')
    .example('npm run report -- reports/latest --terminal docs/terminal.svg')
    .action(async (folder, options) => {
      if (!options.ui) return finish(await report(folder, options));
      return finish(await replay(fromUser(folder), options, signal));
    });
}

/** `report`: judges a stored report again, without containers, and renders it again. */
export async function report(
  folder: string,
  options: { readonly screenshots?: string; readonly terminal?: string } = {},
): Promise<number> {
  const place = fromUser(folder);
  const result = await rejudge(place);
  await writeReport(place, result);
  printResult(result, [place]);
  if (options.screenshots !== undefined) {
    const pictures = fromUser(options.screenshots);
    makeNamedFolder(pictures, '--screenshots');
    const files = [
      ...(await takeScreenshots(join(place, 'report.html'), pictures)),
      ...(isReplayable(result) ? await takeReplayPictures(replaySite(place, result), pictures) : []),
    ];
    process.stdout.write(files.map((file) => `${file}\n`).join(''));
  }
  if (options.terminal !== undefined) {
    const printed = terminalSummary(result, pc.createColors(true));
    await writeNamedFile(
      fromUser(options.terminal),
      '--terminal',
      terminalSvg(typed(result.command), printed),
    );
  }
  return exitCodeOf(result);
}

/** `report --ui`: serves a stored report's runs to a browser. */
async function replay(
  folder: string,
  options: { readonly open?: boolean },
  signal: AbortSignal,
): Promise<number> {
  const result = await readResult(folder);
  await using _served = await showSite(replaySite(folder, result), options);
  await untilInterrupted(signal);
  return EXIT.interrupted;
}

/** The command that a reader would type: the seed is in the report. */
function typed(command: string): string {
  return command.replace(/ --seed \d+/, '');
}
