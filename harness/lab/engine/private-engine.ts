import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, readlinkSync, rmSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';
import { CONTROL_GROUP, prepareControlGroup } from './control-group.ts';
import { makeFolder } from './folder.ts';
import { withLock } from './lock.ts';
import { endShims } from './shims.ts';

/** Measured: 1 to 5 s. Restoring containers after a crash takes longer. */
const START_LIMIT_MS = 60_000;
/** How long an engine may take to start or to end; a slower one hangs. */
const SETTLE_LIMIT_MS = 20_000;
const LOOK_AGAIN_MS = 100;
/** A unix socket's path has at most 107 bytes (unix(7)); containerd's is the longest below this folder. */
const STATE_PATH_LENGTH_MAX = 107 - '/exec/containerd/containerd.sock.ttrpc'.length;

/**
 * A private engine beside any that the host has: with a data root and a socket of its own, and a network namespace
 * of its own, because a second dockerd in the host's would rewrite the host's bridge, rules and sysctls.
 * Its containers have no network; a lab's network is made by its fabric.
 */
export interface PrivateEngine {
  readonly socket: string;
  /** The file that receives dockerd's output. */
  readonly log: string;
  /** Whether `npm run setup` has prepared it here. */
  installed(): boolean;
  /**
   * Makes the state folder; from then on the engine counts as installed.
   *
   * @throws PrivateEngineFailed where it cannot be made
   */
  prepare(): void;
  /**
   * Starts dockerd unless it runs; it outlives this process. Two at once start it once.
   *
   * @param answers resolves when the engine answers a request, rejects when it does not
   * @throws PrivateEngineFailed
   */
  start(answers: () => Promise<void>): Promise<void>;
}

/** The private engine did not start; the message has the end of its log. */
export class PrivateEngineFailed extends Error {
  override readonly name = 'PrivateEngineFailed';
}

/** The private engine of this machine: its state is in /var/lib/amphora-testbed or $AMPHORA_TESTBED_STATE. */
export function privateEngine(
  state: string = process.env.AMPHORA_TESTBED_STATE || '/var/lib/amphora-testbed',
): PrivateEngine {
  const paths = {
    data: join(state, 'data'),
    exec: join(state, 'exec'),
    socket: join(state, 'docker.sock'),
    pid: join(state, 'dockerd.pid'),
    log: join(state, 'dockerd.log'),
  };
  return {
    socket: paths.socket,
    log: paths.log,
    installed: () => existsSync(paths.data) && programPath('dockerd') !== undefined,
    prepare() {
      try {
        if (!isAbsolute(state)) throw new Error('it is not absolute');
        // The folder's mode keeps others from the socket, whatever group dockerd gives it.
        makeFolder(state, 0o700);
        makeFolder(paths.data, 0o710);
      } catch (cause) {
        throw new PrivateEngineFailed(
          `AMPHORA_TESTBED_STATE takes an absolute path of a folder that can be made; found "${state}" (${(cause as Error).message})`,
          { cause },
        );
      }
    },
    async start(answers) {
      if (process.getuid?.() !== 0) {
        throw new PrivateEngineFailed('it is installed but only root can start it');
      }
      if (state.length > STATE_PATH_LENGTH_MAX) {
        throw new PrivateEngineFailed(
          `AMPHORA_TESTBED_STATE is too long for the sockets below it: at most ${STATE_PATH_LENGTH_MAX} characters`,
        );
      }
      await withLock(`engine ${state}`, async () => {
        // The previous holder of the lock may have started it.
        if (await settled(paths, answers)) return;
        await launch(state, paths, answers);
      });
    },
  };
}

async function launch(
  state: string,
  paths: Readonly<Record<'data' | 'exec' | 'socket' | 'pid' | 'log', string>>,
  answers: () => Promise<void>,
): Promise<void> {
  const program = programPath('dockerd');
  if (!program) {
    throw new PrivateEngineFailed('dockerd is not installed');
  }
  // After a reboot or a crash a file may hold a pid that now belongs to something else, and dockerd would
  // take that for a running instance.
  rmSync(paths.pid, { force: true });
  rmSync(paths.socket, { force: true });
  const containerdPid = join(paths.exec, 'containerd', 'containerd.pid');
  if (runningPid(containerdPid, 'containerd') === undefined) rmSync(containerdPid, { force: true });
  endShims(paths.exec);
  prepareControlGroup();
  const log = openSync(paths.log, 'a', 0o600);
  // biome-ignore format: one option a line reads best
  const child = spawn('unshare', [
    '--net', program,
    '--data-root', paths.data,
    '--exec-root', paths.exec,
    '--host', `unix://${paths.socket}`,
    '--pidfile', paths.pid,
    '--group', 'root',
    '--bridge', 'none',
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    '--ip-masq=false',
    '--exec-opt', 'native.cgroupdriver=cgroupfs',
    '--cgroup-parent', `/${CONTROL_GROUP}`,
  ], { detached: true, stdio: ['ignore', log, log], env: { ...process.env, PATH: searchPath().join(delimiter) }, cwd: '/' });
  closeSync(log);
  const ended = Promise.withResolvers<never>();
  child.once('error', (cause) =>
    ended.reject(new PrivateEngineFailed(`unshare cannot run: ${cause.message}`, { cause })),
  );
  child.once('exit', (code, signal) =>
    ended.reject(new PrivateEngineFailed(`dockerd ended (${signal ?? `exit code ${code}`})`)),
  );
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  try {
    // dockerd listens before it serves: a request on the fresh socket waits until it can answer.
    const serves = fileAppears(state, basename(paths.socket), limit).then(() => eventually(answers, limit));
    await Promise.race([ended.promise, serves]);
  } catch (cause) {
    const seen = await lastLines(paths.log);
    throw new PrivateEngineFailed(`${(cause as Error).message}; ${paths.log} ends with: ${seen}`, { cause });
  } finally {
    child.removeAllListeners();
    child.unref();
  }
}

async function fileAppears(folder: string, name: string, signal: AbortSignal): Promise<void> {
  const watcher = watch(folder, { signal });
  try {
    // The watch is set before the look, so that the file cannot slip in between.
    while (!existsSync(join(folder, name))) {
      await once(watcher, 'change', { signal });
    }
  } catch (cause) {
    throw new Error(`no ${name} within ${START_LIMIT_MS / 1000} s`, { cause });
  } finally {
    watcher.close();
  }
}

/**
 * Whether the private engine answers. A living engine that does not answer is starting or ending, and is waited for; after
 * the limit it hangs, and is killed.
 */
async function settled(
  { pid, socket }: Readonly<Record<'pid' | 'socket', string>>,
  answers: () => Promise<void>,
): Promise<boolean> {
  const answered = () =>
    answers().then(
      () => true,
      () => false,
    );
  if (existsSync(socket) && (await answered())) return true;
  const limit = AbortSignal.timeout(SETTLE_LIMIT_MS);
  let running = runningPid(pid, 'dockerd');
  while (running !== undefined && !limit.aborted) {
    if (await answered()) return true;
    await delay(LOOK_AGAIN_MS);
    running = runningPid(pid, 'dockerd');
  }
  if (running !== undefined) process.kill(running, 'SIGKILL');
  while (runningPid(pid, 'dockerd') !== undefined) await delay(LOOK_AGAIN_MS);
  return false;
}

function eventually(answers: () => Promise<void>, signal: AbortSignal): Promise<void> {
  return pRetry(answers, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: LOOK_AGAIN_MS,
    factor: 1,
    signal,
    shouldRetry: () => true,
  });
}

/** The process that a pid file names, if it runs that program. */
function runningPid(file: string, program: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    // A zombie still has its name, but no program any more (proc_pid_exe(5)); after an upgrade the link reads
    // `dockerd (deleted)`.
    return basename(readlinkSync(`/proc/${pid}/exe`)).replace(' (deleted)', '') === program ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-3).join(' | ').slice(-600) || 'nothing';
}

/** Where a program of the system is, or undefined; users' PATH often lacks the sbin folders. */
export function programPath(name: string): string | undefined {
  return searchPath()
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

function searchPath(): readonly string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...new Set([...folders, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'])];
}
