import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { PATHS } from '../templates/paths.ts';
import { peerName } from '../templates/peer-name.ts';
import { haproxyUnit, UPSTREAM_LIMIT_NOFILE } from '../templates/units.ts';
import { type Answer, answer, Refused } from './answer.ts';
import { haproxyIds, updateCheckScript } from './check-script.ts';
import { CommandFailed, command } from './command.ts';

/** Which kind of object a HAProxy process serves: it decides the words of the answers alone. */
export type Served = 'Loadbalancer' | 'Listener';

/**
 * Checks and installs a configuration with its unit; a configuration that HAProxy rejects leaves the
 * running one alone (octavia/…/agent/api_server/loadbalancer.py, upload_haproxy_config).
 */
export async function uploadHaproxy(id: string, amphoraId: string, configuration: Buffer): Promise<Answer> {
  const files = PATHS.haproxy(id);
  const peer = peerName(amphoraId);
  const candidate = `${files.configuration}.new`;
  await mkdir(files.folder, { recursive: true });
  await writeFile(candidate, configuration);
  try {
    await command('haproxy', ['-c', '-L', peer, '-f', candidate, '-f', PATHS.userGroup]);
  } catch (error) {
    await rm(candidate, { force: true });
    if (!(error instanceof CommandFailed)) throw error;
    return answer(400, 'Invalid request', error.output);
  }
  await rename(candidate, files.configuration);
  const unit = haproxyUnit({ id, peer, limitNofile: Math.min(UPSTREAM_LIMIT_NOFILE, await hardFileLimit()) });
  const known = existsSync(files.unit) ? await readFile(files.unit, 'utf8') : undefined;
  if (known !== unit) {
    await writeFile(files.unit, unit);
    try {
      await command('systemctl', ['enable', `haproxy-${id}.service`]);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      return answer(500, `Error enabling haproxy-${id}.service`, error.output);
    }
  }
  return { ...answer(202, 'OK'), etag: md5(configuration) };
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
  // Before a start, so that keepalived never watches a socket that the new process does not have yet.
  if (asked !== 'stop') await updateCheckScript({ add: id });
  const action = asked === 'reload' && !(await running(id)) ? 'start' : asked;
  try {
    await command('systemctl', [action, `haproxy-${id}.service`]);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const log = await command('journalctl', ['-u', `haproxy-${id}`, '-n', '20', '-o', 'cat']).catch(() => '');
    return answer(
      500,
      `Error ${asked === 'stop' ? 'stopp' : asked}ing haproxy`,
      `${error.output}\n${log}`.trim(),
    );
  }
  if (asked === 'stop') await updateCheckScript({ remove: id });
  const details = {
    start: `Configuration file is valid\nhaproxy daemon for ${id} started`,
    reload: `Listener ${id} reloaded`,
    // The wire has one p.
    stop: `Listener ${id} stoped`,
  };
  return answer(202, 'OK', details[action]);
}

/** Removes a process with its files; an unknown one is no error. */
export async function deleteHaproxy(id: string): Promise<Answer> {
  const files = PATHS.haproxy(id);
  if (existsSync(files.configuration)) {
    await updateCheckScript({ remove: id });
    await command('systemctl', ['disable', '--now', `haproxy-${id}.service`]).catch(() => '');
    await Promise.all(
      [files.unit, files.folder, files.socket, PATHS.certificates(id)].map((path) =>
        rm(path, { recursive: true, force: true }),
      ),
    );
    await command('systemctl', ['daemon-reload']);
  }
  return answer(200, 'OK');
}

/** The listeners, by the frontends of each configuration, and whether their process runs. */
export async function listeners(): Promise<Answer> {
  const found = await Promise.all(
    (await haproxyIds()).map(async (id) => {
      const status = (await running(id)) ? 'ACTIVE' : 'ERROR';
      return frontends(await readFile(PATHS.haproxy(id).configuration, 'utf8')).map(({ uuid, type }) => ({
        status,
        uuid,
        type,
      }));
    }),
  );
  return { status: 200, body: found.flat() };
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

async function running(id: string): Promise<boolean> {
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

async function hardFileLimit(): Promise<number> {
  const limits = await readFile('/proc/1/limits', 'utf8');
  return Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? UPSTREAM_LIMIT_NOFILE);
}

function md5(content: Buffer): string {
  return createHash('md5').update(content).digest('hex');
}
