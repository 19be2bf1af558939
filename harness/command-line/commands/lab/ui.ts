import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reapFolder } from '../../../lab/engine/reaper.ts';
import type { Lab } from '../../../lab/lab.ts';
import { PlainLab } from '../../../lab/plain/plain-lab.ts';
import { Session } from '../../../live/session.ts';
import { scenariosFolder } from '../../../scenario/catalogue.ts';
import { atRef } from '../../at-ref.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { openBrowser, showSite, untilInterrupted } from '../../live-page.ts';
import { type KeptLab, keptLab, keptLabOptions } from './up.ts';

export function register(lab: TestbedCommand, { finish, signal }: Running): void {
  const command = lab
    .command('ui')
    .description('Builds a lab and shows it live in a browser, with a button for each fault, until Ctrl-C.');
  keptLabOptions(command)
    .addOption(openBrowser())
    .example('npm run lab -- ui --open')
    .action(async (options) => finish(await atRef(options, signal, () => labUi(options, signal))));
}

/** `lab ui`: a lab that is shown in a browser. */
async function labUi(options: KeptLab & { readonly open?: boolean }, signal: AbortSignal): Promise<number> {
  await using lab = await keptLab(options, signal);
  await showLab(lab, options, signal);
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

/** Shows a lab in a browser until the command is interrupted, or the lab ends. */
async function showLab(lab: Lab, options: { readonly open?: boolean }, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-live-'));
  reapFolder(folder);
  try {
    const amphorae = !(lab instanceof PlainLab);
    await using session = await Session.begin({ lab, folder, amphorae, scenarios: scenariosFolder() });
    await using _served = await showSite(session, options);
    await untilInterrupted(signal, lab.fabric.ended);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
