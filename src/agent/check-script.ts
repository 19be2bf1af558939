import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { PATHS } from '../templates/paths.ts';
import { haproxyCheckScript } from '../templates/units.ts';
import { replaceFile } from './files.ts';
import { lvsListenerIds } from './lvs-listeners.ts';
import { inTurn } from './turn.ts';

/** Ids of the HAProxy processes that have a configuration here. */
export async function haproxyIds(): Promise<string[]> {
  const entries = await readdir(PATHS.base, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(PATHS.haproxy(entry.name).configuration))
    .map((entry) => entry.name);
}

/** Tells keepalived which HAProxy processes to watch, once it has been set up. */
export async function updateCheckScript(change: {
  readonly add?: string;
  readonly remove?: string;
}): Promise<void> {
  if (!existsSync(PATHS.vrrp.checkScripts)) return;
  await inTurn(PATHS.vrrp.haproxyCheckScript, async () => {
    const here = await haproxyIds();
    const ids = new Set(here);
    if (change.add) ids.add(change.add);
    if (change.remove) ids.delete(change.remove);
    const sockets = [...ids].map((id) => PATHS.haproxy(id).socket);
    // Where there are UDP and SCTP listeners alone, there is no HAProxy to watch (octavia/…/api_server/util.py).
    if (sockets.length === 0 && (await lvsListenerIds()).length > 0) {
      await rm(PATHS.vrrp.haproxyCheckScript, { force: true });
      return;
    }
    const watched = here.length === 0 && !change.add ? 'none yet' : sockets;
    await replaceFile(PATHS.vrrp.haproxyCheckScript, haproxyCheckScript(watched));
  });
}
