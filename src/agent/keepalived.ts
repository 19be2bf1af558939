import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { PATHS } from '../templates/paths.ts';
import { checkScript, keepalivedUnit } from '../templates/units.ts';
import { type Answer, answer } from './answer.ts';
import { updateCheckScript } from './check-script.ts';
import { CommandFailed, command } from './command.ts';
import { replaceFile } from './files.ts';
import { installNetnsUnit, installUnit } from './systemd.ts';
import { inTurn } from './turn.ts';

/** Installs keepalived's configuration, its unit and its check scripts (octavia/…/agent/api_server/keepalived.py). */
export function uploadKeepalived(configuration: Buffer): Promise<Answer> {
  const { vrrp } = PATHS;
  return inTurn(vrrp.folder, async () => {
    await mkdir(vrrp.checkScripts, { recursive: true });
    // It holds the password of the VRRP group.
    await replaceFile(vrrp.configuration, configuration, 0o600);
    await installNetnsUnit();
    await installUnit(vrrp.unit, keepalivedUnit());
    if (!existsSync(vrrp.checkScript)) await replaceFile(vrrp.checkScript, checkScript(), 0o755);
    await updateCheckScript({});
    return { ...answer(200, 'OK'), etag: createHash('md5').update(configuration).digest('hex') };
  });
}

export async function actOnKeepalived(wanted: string): Promise<Answer> {
  const asked = wanted.toLowerCase();
  if (asked !== 'start' && asked !== 'stop' && asked !== 'reload') {
    return answer(400, 'Invalid Request', `Unknown action: ${asked}`);
  }
  return inTurn(PATHS.vrrp.folder, async () => {
    const action = asked === 'start' && (await keepalivedRuns()) ? 'reload' : asked;
    try {
      await command('systemctl', [action, 'octavia-keepalived.service']);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      return answer(500, `Failed to ${action} octavia-keepalived service`, error.output);
    }
    // `stoped` has one p on the wire.
    return answer(202, 'OK', `keepalived ${action}ed`);
  });
}

/** Whether the pid file names a live process. */
export async function keepalivedRuns(): Promise<boolean> {
  try {
    process.kill(Number.parseInt(await readFile(PATHS.vrrp.pid, 'utf8'), 10), 0);
    return true;
  } catch {
    return false;
  }
}
