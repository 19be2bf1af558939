import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ourContainers } from '../../lab/engine/containers.ts';
import { controlGroups } from '../../lab/engine/control-group.ts';
import type { Engine } from '../../lab/engine/engine.ts';
import { LABEL, OWNER } from '../../lab/engine/labels.ts';
import { eachJson } from '../../streams/lines.ts';
import { type HostState, hostState, mounts, processes, processOf } from './census.ts';

/** Something of the testbed that is still there, or something of the host that has changed. */
export interface Leak {
  readonly kind:
    | 'container'
    | 'process'
    | 'namespace'
    | 'mount'
    | 'control group'
    | 'file'
    | 'link'
    | 'rule'
    | 'sysctl';
  readonly what: string;
}

/** A process with this mark belongs to the testbed, whatever became of its parents; children inherit it. */
const MARK = 'AMPHORA_TESTBED_WATCH';
/** Engines are meant to outlive the command that started them; their shims are judged by their container. */
const ENGINE_PROGRAMS = /^(dockerd|containerd)/;
const LOOK_AGAIN_MS = 100;

/**
 * Finds what a command leaves behind on a machine that others use too: the testbed's processes bear a mark in
 * their environment, and this checkout's containers were made while the watch lasted.
 */
export class LeakWatch implements AsyncDisposable {
  /** For the command that is watched: the mark, and a folder for temporary files that nobody else uses. */
  readonly env: Readonly<Record<string, string>>;
  readonly #engine: Engine;
  readonly #mark: string;
  readonly #folder: string;
  readonly #before: { readonly host: HostState; readonly containers: ReadonlySet<string> };
  readonly #containers = new Set<string>();
  readonly #namespaces = new Set<string>();
  /** Parts of paths that identify mounts of the testbed's containers. */
  readonly #places = new Set<string>();
  #events: Readable | undefined;

  readonly #label: string;

  private constructor(
    engine: Engine,
    label: string,
    folder: string,
    before: { readonly host: HostState; readonly containers: ReadonlySet<string> },
  ) {
    this.#engine = engine;
    this.#label = label;
    this.#mark = randomUUID();
    this.#folder = folder;
    this.#before = before;
    this.#places.add(folder);
    this.env = { [MARK]: this.#mark, TMPDIR: folder };
  }

  /** @param label which containers count: by default those of this checkout */
  static async begin(engine: Engine, label = `${LABEL.owner}=${OWNER}`): Promise<LeakWatch> {
    const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-watch-'));
    const [host, containers] = await Promise.all([hostState(), ourContainers(engine, label)]);
    const ids = new Set(containers.map(({ Id }) => Id));
    const watch = new LeakWatch(engine, label, folder, { host, containers: ids });
    await watch.#follow();
    return watch;
  }

  /** The ids of the containers that this checkout has made so far while the watch lasts. */
  get made(): ReadonlySet<string> {
    return this.#containers;
  }

  /** The watched command's living processes, those in containers left out. */
  marked(): ReturnType<typeof processes> {
    return processes().filter(
      ({ environment, program }) =>
        environment.includes(`${MARK}=${this.#mark}`) && !ENGINE_PROGRAMS.test(program),
    );
  }

  /** Looks until there are no leaks or the limit is over; returns the remaining ones. */
  async settle(limitMs: number): Promise<readonly Leak[]> {
    const untilMs = performance.now() + limitMs;
    let leaks = await this.look();
    while (leaks.length > 0 && performance.now() < untilMs) {
      await delay(LOOK_AGAIN_MS);
      leaks = await this.look();
    }
    return leaks;
  }

  /** What is there now and was not there at the beginning. */
  async look(): Promise<readonly Leak[]> {
    const { host, containers: known } = this.#before;
    const [now, containers, files] = await Promise.all([
      hostState(),
      ourContainers(this.#engine, this.#label),
      readdir(this.#folder),
    ]);
    const marked = new Set(this.marked().map(({ pid }) => pid));
    const alive = processes();
    const inContainers = alive.filter(({ cgroups, command }) =>
      [...this.#containers].some((id) => cgroups.includes(id) || command.includes(id)),
    );
    const held = new Set(alive.flatMap(({ namespaces }) => namespaces));
    const mounted = mounts();
    const kept = [...this.#namespaces].filter(
      (namespace) => held.has(namespace) || mounted.some((line) => line.includes(namespace)),
    );
    const leak = (kind: Leak['kind'], found: readonly string[]) => found.map((what) => ({ kind, what }));
    return [
      ...leak(
        'container',
        containers.filter(({ Id }) => !known.has(Id)).map(({ Names, State }) => `${Names[0]} (${State})`),
      ),
      ...leak(
        'process',
        alive
          .filter((process) => marked.has(process.pid) || inContainers.includes(process))
          .map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`),
      ),
      ...leak('namespace', kept),
      ...leak(
        'mount',
        mounted.filter((line) => [...this.#places].some((place) => line.includes(place))),
      ),
      ...leak('control group', controlGroups(this.#containers)),
      ...leak(
        'file',
        files.map((file) => join(this.#folder, file)),
      ),
      ...leak('link', difference(host.links, now.links)),
      ...leak('rule', difference(host.rules, now.rules)),
      ...leak('sysctl', difference(host.sysctls, now.sysctls)),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#events?.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Notes each container of the testbed as it starts: later its namespaces and mounts are unknown. */
  async #follow(): Promise<void> {
    this.#events = (await this.#engine.docker.getEvents({
      filters: { event: ['create', 'start'], label: [this.#label] },
    })) as unknown as Readable;
    eachJson<{ id: string; Action: string }>(this.#events, ({ id, Action }) => {
      if (this.#before.containers.has(id)) return;
      this.#containers.add(id);
      this.#places.add(id);
      if (Action === 'start') this.#note(id).catch(() => {});
    });
  }

  async #note(id: string): Promise<void> {
    const { State, NetworkSettings, GraphDriver } = await this.#engine.docker.getContainer(id).inspect();
    const { MergedDir: merged } = (GraphDriver.Data ?? {}) as { MergedDir?: string };
    if (merged) this.#places.add(merged);
    if (NetworkSettings.SandboxID) this.#places.add(NetworkSettings.SandboxID.slice(0, 12));
    const own = new Set(processOf(process.pid)?.namespaces);
    for (const namespace of processOf(State.Pid)?.namespaces ?? [])
      if (!own.has(namespace)) this.#namespaces.add(namespace);
  }
}

function difference(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...after.filter((line) => !before.includes(line)).map((line) => `new: ${line}`),
    ...before.filter((line) => !after.includes(line)).map((line) => `gone: ${line}`),
  ];
}
