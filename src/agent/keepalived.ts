import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { PATHS } from '../templates/paths.ts';
import { checkScript, haproxyCheckScript, keepalivedUnit } from '../templates/units.ts';
import { type Answer, answer } from './answer.ts';
import { CommandFailed, command } from './command.ts';
import { haproxyIds } from './haproxy.ts';
import { installNetnsUnit } from './interfaces.ts';

/** Installs keepalived's configuration, its unit and its check scripts (octavia/…/agent/api_server/keepalived.py). */
export async function uploadKeepalived(configuration: Buffer): Promise<Answer> {
  const { vrrp } = PATHS;
  await mkdir(vrrp.checkScripts, { recursive: true });
  await writeFile(vrrp.configuration, configuration, { mode: 0o644 });
  await installNetnsUnit();
  if (!existsSync(vrrp.unit)) {
    await writeFile(vrrp.unit, keepalivedUnit());
    await writeFile(vrrp.checkScript, checkScript(), { mode: 0o755 });
  }
  await updateCheckScript({});
  try {
    await command('systemctl', ['enable', 'octavia-keepalived.service']);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return answer(500, 'Error enabling octavia-keepalived service', error.output);
  }
  return { ...answer(200, 'OK'), etag: createHash('md5').update(configuration).digest('hex') };
}

export async function actOnKeepalived(wanted: string): Promise<Answer> {
  const asked = wanted.toLowerCase();
  if (asked !== 'start' && asked !== 'stop' && asked !== 'reload') {
    return answer(400, 'Invalid Request', `Unknown action: ${asked}`);
  }
  const action = asked === 'start' && (await keepalivedRuns()) ? 'reload' : asked;
  try {
    await command('/usr/sbin/service', ['octavia-keepalived', action]);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return answer(500, `Failed to ${action} octavia-keepalived service`, error.output);
  }
  return answer(202, 'OK', `keepalived ${action === 'stop' ? 'stop' : action}ed`);
}

/** Tells keepalived which HAProxy processes to watch, once it has been set up. */
export async function updateCheckScript(change: {
  readonly add?: string;
  readonly remove?: string;
}): Promise<void> {
  if (!existsSync(PATHS.vrrp.checkScripts)) return;
  const ids = new Set(await haproxyIds());
  if (change.add) ids.add(change.add);
  if (change.remove) ids.delete(change.remove);
  const sockets = [...ids].map((id) => PATHS.haproxy(id).socket);
  await writeFile(PATHS.vrrp.haproxyCheckScript, haproxyCheckScript(sockets));
}

async function keepalivedRuns(): Promise<boolean> {
  try {
    process.kill(Number.parseInt(await readFile(PATHS.vrrp.pid, 'utf8'), 10), 0);
    return true;
  } catch {
    return false;
  }
}
