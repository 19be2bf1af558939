import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { PATHS } from '../templates/paths.ts';
import { peerName } from '../templates/peer-name.ts';
import { haproxyUnit, UPSTREAM_LIMIT_NOFILE } from '../templates/units.ts';
import { isAddress } from './addresses.ts';
import { type Answer, answer, Refused } from './answer.ts';
import { haproxyIds, updateCheckScript } from './check-script.ts';
import { CommandFailed, command } from './command.ts';
import { readConfiguration } from './configuration.ts';
import { replaceFile } from './files.ts';
import { askHaproxy } from './haproxy-socket.ts';
import { announce } from './interfaces.ts';
import { lvsListeners } from './lvs.ts';
import { hardFileLimit } from './machine-facts.ts';
import { installNetnsUnit, installUnit, removeUnit } from './systemd.ts';
import { inTurn } from './turn.ts';

/** The kind of object that a HAProxy process serves: it decides only the words of the answers. */
export type Served = 'Loadbalancer' | 'Listener';

/**
 * Checks and installs a configuration with its unit; a configuration that HAProxy rejects leaves the
 * running one alone (octavia/…/agent/api_server/loadbalancer.py, upload_haproxy_config).
 */
export function uploadHaproxy(id: string, amphoraId: string, configuration: Buffer): Promise<Answer> {
  return inTurn(PATHS.haproxy(id).folder, async () => {
    const files = PATHS.haproxy(id);
    const peer = peerName(amphoraId);
    const candidate = `${files.configuration}.new`;
    await mkdir(files.folder, { recursive: true });
    try {
      await replaceFile(candidate, withoutGroup(configuration), 0o600);
      await command('haproxy', ['-c', '-L', peer, '-f', candidate, '-f', PATHS.userGroup]);
    } catch (error) {
      await rm(existsSync(files.configuration) ? candidate : files.folder, { recursive: true, force: true });
      if (!(error instanceof CommandFailed)) throw error;
      return answer(400, 'Invalid request', error.output);
    }
    await rename(candidate, files.configuration);
    await installNetnsUnit();
    const limitNofile = Math.min(UPSTREAM_LIMIT_NOFILE.current, await hardFileLimit());
    await installUnit(files.unit, haproxyUnit({ id, peer, limitNofile }));
    return { ...answer(202, 'OK'), etag: md5(configuration) };
  });
}

/** The amphora's own file names the group; a configuration of Octavia before Rocky does so too (loadbalancer.py). */
function withoutGroup(configuration: Buffer): Buffer {
  return Buffer.from(configuration.toString('latin1').replaceAll(/^[ \t]+group[ \t].*\n/gm, ''), 'latin1');
}

export async function readHaproxy(id: string, served: Served): Promise<Answer> {
  requireKnown(id, served);
  const text = await readFile(PATHS.haproxy(id).configuration);
  return { status: 200, body: text.toString(), etag: md5(text) };
}

export async function actOnHaproxy(id: string, wanted: string, served: Served): Promise<Answer> {
  const asked = wanted.toLowerCase();
  if (asked !== 'start' && asked !== 'stop' && asked !== 'reload') {
    return answer(400, 'Invalid Request', `Unknown action: ${asked}`);
  }
  requireKnown(id, served);
  return inTurn(PATHS.haproxy(id).folder, async () => {
    // Before a start, so that keepalived never watches a socket that the new process does not have yet.
    if (asked !== 'stop') await updateCheckScript({ add: id });
    const action = asked === 'reload' && !(await haproxyRuns(id)) ? 'start' : asked;
    if (action === 'reload') await saveServerState(id);
    try {
      await command('systemctl', [action, `haproxy-${id}.service`]);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      const log = await command('journalctl', ['-u', `haproxy-${id}`, '-n', '20', '-o', 'cat']).catch(
        () => '',
      );
      return answer(500, `Error ${action}ing haproxy`, `${error.output}\n${log}`.trim());
    }
    if (asked === 'stop') await updateCheckScript({ remove: id });
    else await announceIfAlone(id);
    const details = {
      start: `Configuration file is valid\nhaproxy daemon for ${id} started`,
      reload: `Listener ${id} reloaded`,
      // The wire has one p.
      stop: `Listener ${id} stoped`,
    };
    return answer(202, 'OK', details[action]);
  });
}

/** Without keepalived, the start of HAProxy announces the VIPs (loadbalancer.py, start_stop_lb). */
async function announceIfAlone(id: string): Promise<void> {
  const { controller_worker } = await readConfiguration();
  if (controller_worker.loadbalancer_topology === 'ACTIVE_STANDBY') return;
  await announce(vipsOf(await readFile(PATHS.haproxy(id).configuration, 'utf8')));
}

/** The addresses that a configuration binds, each once; HAProxy takes the last colon for the port's. */
export function vipsOf(configuration: string): string[] {
  const bound = [...configuration.matchAll(/^\s+bind (\S+):\d+/gm)].map(([, address = '']) => address);
  return [...new Set(bound)].filter((address) => isAddress(address) && address !== '127.0.0.1');
}

/** What the new process reads (server-state-file), so that a member that is down stays down over a reload. */
async function saveServerState(id: string): Promise<void> {
  const { socket, stateFile } = PATHS.haproxy(id);
  try {
    await replaceFile(stateFile, await askHaproxy(socket, 'show servers state'));
  } catch (error) {
    // A reload without it is better than no reload: members then count as up until their first check.
    process.stderr.write(`The state of the servers of ${id} was not saved: ${(error as Error).message}\n`);
  }
}

/** Removes a process with its files; an unknown one is no error. */
export function deleteHaproxy(id: string): Promise<Answer> {
  const files = PATHS.haproxy(id);
  return inTurn(files.folder, async () => {
    if (existsSync(files.configuration)) {
      await updateCheckScript({ remove: id });
      await command('systemctl', ['stop', `haproxy-${id}.service`]).catch(() => '');
      await Promise.all(
        [files.folder, files.socket, PATHS.certificates(id)].map((path) =>
          rm(path, { recursive: true, force: true }),
        ),
      );
      await removeUnit(files.unit);
    }
    return answer(200, 'OK');
  });
}

/** A listener as a configuration here holds it. */
interface Frontend {
  readonly status: 'ACTIVE' | 'ERROR';
  readonly uuid: string;
  readonly type: string;
}

export async function listeners(): Promise<Answer> {
  return { status: 200, body: [...(await frontendsHere()), ...(await lvsListeners())] };
}

/** The listeners, by the frontends of each configuration, and whether their process runs. */
export async function frontendsHere(): Promise<Frontend[]> {
  const found = await Promise.all(
    (await haproxyIds()).map(async (id) => {
      const status: Frontend['status'] = (await haproxyRuns(id)) ? 'ACTIVE' : 'ERROR';
      const configuration = await readFile(PATHS.haproxy(id).configuration, 'utf8');
      return frontends(configuration).map(({ uuid, type }) => ({ status, uuid, type }));
    }),
  );
  return found.flat();
}

/** The frontends of a configuration as the listeners they stand for. */
export function frontends(configuration: string): { uuid: string; type: string }[] {
  return configuration
    .split(/^(?=\S)/m)
    .filter((section) => section.startsWith('frontend '))
    .map((section) => {
      const mode = /^\s+mode (\w+)/m.exec(section)?.[1] ?? 'tcp';
      const terminated = mode === 'http' && /^\s+bind .* ssl /m.test(section);
      return {
        uuid: section.slice('frontend '.length).split(/\s/, 1)[0] ?? '',
        type: terminated ? 'TERMINATED_HTTPS' : mode.toUpperCase(),
      };
    });
}

export async function haproxyRuns(id: string): Promise<boolean> {
  // Before its first start nobody need ask systemd.
  if (!existsSync(PATHS.haproxy(id).pid)) return false;
  return command('systemctl', ['is-active', '--quiet', `haproxy-${id}.service`]).then(
    () => true,
    () => false,
  );
}

function requireKnown(id: string, served: Served): void {
  if (!existsSync(PATHS.haproxy(id).configuration)) {
    throw new Refused(404, {
      message: `${served} Not Found`,
      details: `No ${served.toLowerCase()} with UUID: ${id}`,
    });
  }
}

function md5(content: Buffer): string {
  return createHash('md5').update(content).digest('hex');
}
