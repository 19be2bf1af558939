import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { contentsOf } from '../../lab/engine/contents.ts';
import { controlGroups } from '../../lab/engine/control-group.ts';
import type { Engine } from '../../lab/engine/engine.ts';
import { LABEL } from '../../lab/engine/labels.ts';
import { USER_TICK_MS } from '../../lab/fabric/proc-file.ts';
import { type Place, type Seen, sharesOf, type Used } from './account.ts';
import { becomesContainer, EngineTime, type ProcessTime } from './engine-time.ts';
import { GroupTime, usedBy } from './group-time.ts';
import { type MachineUsed, watchMachine } from './machine.ts';

/** What ends between two looks is found in the total alone. */
const LOOK_EVERY_MS = 100;

/** A command that has run, with the processor time of all that it started. */
export interface Metered {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly used: Used;
  readonly machine: MachineUsed;
}

/**
 * Runs a command of a checkout and accounts for the processor time of its processes, of its labs' containers and of the
 * engine.
 *
 * @param owner what the checkout's label of a container ends with
 */
export async function metered(
  engine: Engine,
  owner: string,
  argv: readonly string[],
  options: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<Metered> {
  // The shell tells what all of its descendants took that were waited for (times(1p), getrusage(2)).
  const child = spawn('sh', ['-c', '"$@"; code=$?; times >&3; exit $code', 'sh', ...argv], {
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, INIT_CWD: options.cwd },
  });
  const abort = () => child.pid !== undefined && process.kill(-child.pid, 'SIGINT');
  options.signal.addEventListener('abort', abort);
  const [stdout, stderr, times] = [child.stdout, child.stderr, child.stdio[3] as Readable].map((stream) =>
    text(stream as Readable),
  );
  const machineUsed = watchMachine();
  const watch = new Watch(engine, owner, child.pid ?? 0);
  watch.look();
  const timer = setInterval(() => watch.look(), LOOK_EVERY_MS);
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    options.signal.throwIfAborted();
    watch.look();
    return {
      machine: machineUsed(),
      ...{ exitCode: exitCode ?? 1, stdout: (await stdout) ?? '', stderr: (await stderr) ?? '' },
      used: await watch.account(waitedForMs((await times) ?? '')),
    };
  } finally {
    clearInterval(timer);
    options.signal.removeEventListener('abort', abort);
  }
}

/** The second line is the children's: `0m1.20s 0m0.30s`. */
function waitedForMs(times: string): number {
  const found = [...(times.trim().split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return found.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
}

/** Looks again and again at the processes of a command and of its labs. */
class Watch {
  readonly #engine: Engine;
  readonly #owner: string;
  /** By pid and start: a number may be given again. */
  readonly #seen = new Map<string, Seen & { readonly containerId?: string }>();
  readonly #strangers = new Set<string>();
  readonly #roots: Set<number>;
  readonly #engineTime = new EngineTime();
  /** By container: its role, once it is known, and what its control groups have used. */
  readonly #containers = new Map<
    string,
    { readonly role: Promise<Place | undefined>; readonly time: GroupTime }
  >();

  constructor(engine: Engine, owner: string, pid: number) {
    this.#engine = engine;
    this.#owner = owner;
    this.#roots = new Set([pid]);
  }

  look(): void {
    const processes = readdirSync('/proc').flatMap((entry) =>
      /^\d+$/.test(entry) ? (timeOf(Number(entry)) ?? []) : [],
    );
    const holders = processes.flatMap((process) => (this.#isContainers(process) ? process.parent : []));
    this.#engineTime.look(processes, new Set(holders));
    for (const path of controlGroups(new Set(this.#containers.keys()))) {
      const container = this.#containers.get(/[0-9a-f]{64}/.exec(path)?.[0] ?? '');
      const usedMs = usedBy(path);
      if (usedMs !== undefined) container?.time.look(path, usedMs);
    }
  }

  /** @param waitedMs what the command's own processes took, those that were not seen too */
  async account(waitedMs: number): Promise<Used> {
    const engine = this.#engineTime.totalMs;
    const totals: Record<Place, number> = { command: waitedMs, amphorae: 0, fabric: 0, engine };
    const roles = new Map<string, Place | undefined>();
    for (const [id, { role, time }] of this.#containers) {
      const place = await role;
      roles.set(id, place);
      if (place) totals[place] += time.totalMs;
    }
    const seen = [...this.#seen.values()].flatMap(({ containerId, ...process }) => {
      const place = containerId === undefined ? 'command' : roles.get(containerId);
      return place ? [{ ...process, place }] : [];
    });
    return sharesOf(totals, seen);
  }

  /** Remembers a process, and says whether it is a container's. */
  #isContainers({ key, pid, parent, name, ownMs: cpuMs }: ProcessTime): boolean {
    if (this.#strangers.has(key)) return false;
    const known = this.#seen.get(key);
    // Between fork and exec, a process looks like the one that started it.
    const command =
      contentsOf(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() || (known?.command ?? '');
    if (known) {
      this.#seen.set(key, { ...known, command, cpuMs });
      return known.containerId !== undefined;
    }
    if (this.#roots.has(pid) || this.#roots.has(parent)) {
      this.#roots.add(pid);
      this.#seen.set(key, { place: 'command', command, cpuMs });
      return false;
    }
    const containerId = /[0-9a-f]{64}/.exec(contentsOf(`/proc/${pid}/cgroup`) ?? '')?.[0];
    if (containerId === undefined) {
      if (!becomesContainer(name)) this.#strangers.add(key);
      return false;
    }
    if (!this.#containers.has(containerId))
      this.#containers.set(containerId, { role: this.#roleOf(containerId), time: new GroupTime() });
    this.#seen.set(key, { place: 'amphorae', command, cpuMs, containerId });
    return true;
  }

  /** Undefined where the container is another's. */
  async #roleOf(containerId: string): Promise<Place | undefined> {
    try {
      const { Config } = await this.#engine.docker.getContainer(containerId).inspect();
      if (!Config.Labels[LABEL.owner]?.endsWith(this.#owner)) return undefined;
      return Config.Labels[LABEL.role] === 'amphora' ? 'amphorae' : 'fabric';
    } catch {
      return undefined;
    }
  }
}

/** Undefined where it is gone. */
function timeOf(pid: number): ProcessTime | undefined {
  const stat = contentsOf(`/proc/${pid}/stat`);
  // The program's name may hold anything: fields are counted from the last parenthesis.
  const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat ?? '') ?? [];
  if (rest === '') return undefined;
  const fields = rest.split(' ');
  const ticks = (first: number) => Number(fields[first]) + Number(fields[first + 1]);
  return {
    ...{ key: `${pid} ${fields[19]}`, pid, parent: Number(fields[1]), name },
    ...{ ownMs: ticks(11) * USER_TICK_MS, waitedMs: ticks(13) * USER_TICK_MS },
  };
}
