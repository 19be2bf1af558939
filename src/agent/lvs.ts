import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { AMPHORA_NETNS, PATHS } from '../templates/paths.ts';
import { lvsCheckScript, lvsUnit, udpCheckScript } from '../templates/units.ts';
import { type Answer, answer, Refused } from './answer.ts';
import { updateCheckScript } from './check-script.ts';
import { CommandFailed, command } from './command.ts';
import { replaceFile } from './files.ts';
import { virtualServices } from './ipvs.ts';
import { readLvsConfiguration } from './lvs-configuration.ts';
import { lvsListenerIds } from './lvs-listeners.ts';
import { type LvsReport, lvsReport } from './lvs-report.ts';
import type { Topology } from './plugged-interface.ts';
import { installNetnsUnit, installUnit, removeUnit } from './systemd.ts';
import { inTurn } from './turn.ts';

/** Sets the kernel up for IPVS inside the namespace; can be repeated. */
const PREPARE = '/usr/local/bin/lvs-prepare.sh';

/**
 * Installs the configuration of a UDP or SCTP listener, which a keepalived of its own serves by the kernel's IPVS
 * (octavia/amphorae/backends/agent/api_server/keepalivedlvs.py). A kernel without IPVS takes none: keepalived
 * would run, and nothing would be served.
 */
export function uploadLvs(id: string, configuration: Buffer, topology: Topology): Promise<Answer> {
  const files = PATHS.lvs.of(id);
  return inTurn(PATHS.lvs.folder, async () => {
    const missing = await ipvsMissing();
    if (missing) return answer(500, `UDP listener ${id} cannot be served`, missing);
    if (!existsSync(PATHS.lvs.udpCheckScript)) {
      await mkdir(PATHS.lvs.checkFolder, { recursive: true });
      await replaceFile(PATHS.lvs.udpCheckScript, udpCheckScript(), 0o755);
    }
    await replaceFile(files.configuration, configuration);
    await installNetnsUnit();
    await command('ip', ['netns', 'exec', AMPHORA_NETNS, PREPARE]);
    await installUnit(files.unit, lvsUnit(id));
    if (topology === 'ACTIVE_STANDBY') {
      await mkdir(PATHS.vrrp.checkScripts, { recursive: true });
      await replaceFile(PATHS.vrrp.lvsCheckScript, lvsCheckScript(), 0o755);
      await updateCheckScript({});
    }
    return { ...answer(200, 'OK'), etag: createHash('md5').update(configuration).digest('hex') };
  });
}

export async function readLvs(id: string): Promise<Answer> {
  requireKnown(id);
  return { status: 200, body: await readFile(PATHS.lvs.of(id).configuration, 'utf8') };
}

export async function actOnLvs(id: string, wanted: string): Promise<Answer> {
  const asked = wanted.toLowerCase();
  if (asked !== 'start' && asked !== 'stop' && asked !== 'reload') {
    return answer(400, 'Invalid Request', `Unknown action: ${asked}`);
  }
  requireKnown(id);
  return inTurn(PATHS.lvs.folder, async () => {
    // Upstream restarts it: keepalived before 2.0.14 did not restore members by a reload.
    const action = asked === 'reload' ? 'restart' : asked;
    try {
      await command('systemctl', [action, `${PATHS.lvs.of(id).name}.service`]);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      return answer(500, `Failed to ${action} keepalivedlvs listener ${id}`, error.output);
    }
    // `stoped` has one p on the wire.
    return answer(202, 'OK', `keepalivedlvs listener ${id} ${action}ed`);
  });
}

/** Removes a listener with its files; an unknown one is no error. */
export function deleteLvs(id: string): Promise<Answer> {
  const files = PATHS.lvs.of(id);
  return inTurn(PATHS.lvs.folder, async () => {
    if (!existsSync(files.configuration)) return answer(200, 'OK');
    try {
      await command('systemctl', ['stop', `${files.name}.service`]);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      return answer(500, 'Error stopping keepalivedlvs', error.output);
    }
    await removeUnit(files.unit);
    const left = [files.pid, files.vrrpPid, files.checkPid, files.configuration];
    await Promise.all(left.map((path) => rm(path, { force: true })));
    await updateCheckScript({});
    return answer(200, 'OK');
  });
}

/** Whether a listener is one of keepalived's: both kinds share routes. */
export function servedByLvs(id: string): boolean {
  return existsSync(PATHS.lvs.of(id).configuration);
}

/** The listeners as `GET /listeners` reports them. */
export async function lvsListeners(): Promise<
  { status: 'ACTIVE' | 'OFFLINE' | 'ERROR'; uuid: string; type: string }[]
> {
  const ids = await lvsListenerIds();
  return Promise.all(ids.map(async (uuid) => ({ status: await statusOf(uuid), uuid, type: 'UDP' })));
}

async function statusOf(id: string): Promise<'ACTIVE' | 'OFFLINE' | 'ERROR'> {
  const { pid, configuration } = PATHS.lvs.of(id);
  if (!existsSync(pid)) return 'OFFLINE';
  if (!(await runs(id))) return 'ERROR';
  return (await readFile(configuration, 'utf8')).includes('virtual_server') ? 'ACTIVE' : 'OFFLINE';
}

/** What a heartbeat reports of the listeners whose keepalived runs, without disabled ones. */
export async function lvsReports(): Promise<LvsReport[]> {
  const running: string[] = [];
  for (const id of await lvsListenerIds()) if (await runs(id)) running.push(id);
  if (running.length === 0) return [];
  const ask = (...options: string[]) =>
    command('ip', ['netns', 'exec', AMPHORA_NETNS, 'ipvsadm', '-Ln', ...options]);
  const services = virtualServices(await ask(), await ask('--stats', '--exact'));
  const reports = await Promise.all(
    running.map(async (id) => {
      const { configuration, checkPid } = PATHS.lvs.of(id);
      const listener = readLvsConfiguration(await readFile(configuration, 'utf8'));
      if (listener.disabled) return [];
      const [written, started] = await Promise.all([changedMs(configuration), changedMs(checkPid)]);
      return [lvsReport(id, listener, services, written > started)];
    }),
  );
  return reports.flat();
}

async function changedMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function runs(id: string): Promise<boolean> {
  try {
    process.kill(Number.parseInt(await readFile(PATHS.lvs.of(id).pid, 'utf8'), 10), 0);
    return true;
  } catch {
    return false;
  }
}

/** Why this kernel cannot serve UDP and SCTP; undefined where it can. */
export async function ipvsMissing(): Promise<string | undefined> {
  try {
    await command('ipvsadm', ['-Ln']);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return `UDP and SCTP listeners need IPVS in the amphora's kernel (module ip_vs): ${error.output.split('\n', 1)[0]}`;
  }
}

function requireKnown(id: string): void {
  if (!servedByLvs(id)) {
    throw new Refused(404, {
      message: 'UDP Listener Not Found',
      details: `No UDP listener with UUID: ${id}`,
    });
  }
}
