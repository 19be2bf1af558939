import { existsSync } from 'node:fs';
import { readFile, rm, symlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { PATHS } from '../templates/paths.ts';
import { netnsUnit } from '../templates/units.ts';
import { command } from './command.ts';
import { replaceFile } from './files.ts';

/** What starts with the machine (systemd.unit(5), WantedBy=multi-user.target). */
const WANTS = '/etc/systemd/system/multi-user.target.wants';

/**
 * Installs a unit that starts with the machine, as `systemctl enable` does. systemd reads a unit that is new to it when
 * it is started; to have all units read again, as `enable` has them for each upload, takes a tenth of a second.
 *
 * @throws CommandFailed
 */
export async function installUnit(path: string, text: string): Promise<void> {
  const known = existsSync(path) ? await readFile(path, 'utf8') : undefined;
  if (known === text) return;
  await replaceFile(path, text);
  await symlink(path, `${WANTS}/${basename(path)}`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  if (known !== undefined) await command('systemctl', ['daemon-reload']);
}

/** Installs amphora-netns.service, which keepalived's and HAProxy's units require. */
export function installNetnsUnit(): Promise<void> {
  return installUnit(PATHS.netnsUnit, netnsUnit());
}

/** Removes a unit that has been stopped. @throws CommandFailed */
export async function removeUnit(path: string): Promise<void> {
  await rm(`${WANTS}/${basename(path)}`, { force: true });
  await rm(path, { force: true });
  await command('systemctl', ['daemon-reload']);
}
