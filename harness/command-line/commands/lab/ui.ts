import { once } from 'node:events';
import { findEngine } from '../../../lab/engine/engine.ts';
import { atRef } from '../../at-ref.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { openBrowser, showAddress, showSite, untilInterrupted } from '../../live-page.ts';
import { takes } from '../../options.ts';
import { chooseLab, runningLabs } from '../../running-labs.ts';
import { joinLab, makeLabFolder, sessionIn } from '../../shared-lab.ts';
import { type KeptLab, keptLab, keptLabOptions } from './up.ts';

export function register(lab: TestbedCommand, { finish, signal }: Running): void {
  const command = lab
    .command('ui')
    .description('Shows a lab live in a browser, with a button for each fault, until Ctrl-C.');
  keptLabOptions(command)
    .addOption(
      takes('--lab <name>', 'Shows the lab of this name, which `lab up` keeps.', {
        otherwise: 'a lab of its own',
      }).conflicts(['with', 'set', 'loadBalancer']),
    )
    .addOption(openBrowser())
    .example('npm run lab -- ui --open')
    .action(async (options) => finish(await atRef(options, signal, () => labUi(options, signal))));
}

interface Shown extends KeptLab {
  readonly open?: boolean;
  readonly lab?: string;
}

/** `lab ui`: a lab that is shown in a browser until the command is interrupted, or the lab ends. */
async function labUi(options: Shown, signal: AbortSignal): Promise<number> {
  if (options.lab === undefined) await showOwn(options, signal);
  else await showKept(options.lab, options, signal);
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

/** Builds a lab, and shows it. */
async function showOwn(options: Shown, signal: AbortSignal): Promise<void> {
  await using lab = await keptLab(options, signal);
  await using folder = await makeLabFolder(lab.name);
  await using session = await sessionIn(lab, folder.path, options);
  await using _served = await showSite(session, options);
  await untilInterrupted(signal, lab.fabric.ended);
}

/** Shows a lab that another command keeps. */
async function showKept(name: string, options: Shown, signal: AbortSignal): Promise<void> {
  chooseLab(await runningLabs(await findEngine()), name);
  const { url, host } = await joinLab(name);
  try {
    showAddress(url, options);
    await untilInterrupted(signal, once(host, 'close'));
  } finally {
    host.destroy();
  }
}
