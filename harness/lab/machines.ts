import type { HostConfig } from 'dockerode';
import { unconfined } from './engine/confinement.ts';
import { removeContainer } from './engine/containers.ts';
import { limitCpu } from './engine/cpu-limit.ts';
import type { Engine } from './engine/engine.ts';
import { type EngineHost, engineHost } from './engine/engine-host.ts';
import { LABEL, OWNER, SESSION } from './engine/labels.ts';
import { archiveOf, type ImageFile } from './images/recipe.ts';

/** As systemd gives units by default (DefaultTimeoutStopSec is 90 s), cut to what a lab waits. */
const STOP_LIMIT_S = 15;

/**
 * What a machine's container may do: enough for systemd as process 1 and for keepalived.
 *
 * With version 2 of control groups it sees its own group alone (cgroup_namespaces(7)), and {@link initOf} lets it write
 * there. With version 1 it finds the host's, which it cannot change.
 */
export function machineHostConfig(
  engine: Pick<Engine, 'name'>,
  host: Pick<EngineHost, 'cgroupVersion' | 'isRootless'>,
): HostConfig & { readonly CgroupnsMode?: 'private' } {
  const { Binds, ...rights } = unconfined(engine, host);
  const groups =
    host.cgroupVersion === '2'
      ? { Binds, CgroupnsMode: 'private' as const }
      : { Binds: ['/sys/fs/cgroup:/sys/fs/cgroup:ro', ...Binds] };
  return {
    // SYS_ADMIN: systemd mounts, ip netns. NET_ADMIN, NET_RAW: keepalived. SYS_NICE: keepalived's priority.
    CapAdd: ['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW', 'SYS_NICE'],
    ...rights,
    Tmpfs: { '/run': 'rw,mode=755', '/run/lock': 'rw', '/tmp': 'rw' },
    ...groups,
  };
}

/** /etc/hosts, for an engine that writes none. */
function hostsFile(addresses: Readonly<Record<string, string>>): ImageFile {
  const entries = Object.entries(addresses).map(([name, address]) => `${address} ${name}\n`);
  const content = ['127.0.0.1 localhost\n', '::1 localhost ip6-localhost ip6-loopback\n', ...entries].join(
    '',
  );
  return { path: 'etc/hosts', mode: 0o644, content: Buffer.from(content) };
}

/**
 * Whether a machine has to mount its control groups anew. Docker mounts those of version 2 read-only, unless a container is
 * privileged, and systemd needs to write there. Podman sees that a command is systemd, and mounts them for it
 * (podman-run(1), `--systemd`).
 */
export function remountsGroups(
  engine: Pick<Engine, 'name'>,
  { cgroupVersion }: Pick<EngineHost, 'cgroupVersion'>,
): boolean {
  return engine.name !== 'Podman' && cgroupVersion === '2';
}

/**
 * Whether a machine unpacks its files by itself, before its first boot. For an engine that has to do it, it is more work: it
 * mounts the container once more, and the Docker of Debian 12 starts itself again. But Podman has to see that a command is
 * systemd.
 */
export function unpacksFiles(engine: Pick<Engine, 'name'>): boolean {
  return engine.name !== 'Podman';
}

/** The last of a machine's files: one that has it boots again. */
const LAST: ImageFile = { path: 'var/lib/.machine-files', mode: 0o644, content: Buffer.alloc(0) };

/** What the first process of a machine can do before it is what the image starts; commands of sh(1). */
const BEFORE_INIT = {
  remountGroups: 'mount -o remount,bind,rw /sys/fs/cgroup',
  // What the engine has mounted, such as /etc/hosts, can be written to and not replaced.
  unpackFiles: `{ [ -e /${LAST.path} ] || { tar -x --overwrite -C / && [ -e /${LAST.path} ]; }; }`,
} as const;

/**
 * The entry point of a machine that does something before it is what the image starts. Where that fails, the machine ends.
 *
 * @param command what the image starts
 */
export function initOf(
  command: readonly string[],
  before: readonly (keyof typeof BEFORE_INIT)[],
): readonly string[] {
  const steps = before.map((step) => BEFORE_INIT[step]);
  return ['/bin/sh', '-c', [...steps, 'exec "$@" </dev/null'].join(' && '), 'sh', ...command];
}

/** What an image starts. */
async function commandOf({ docker }: Engine, image: string): Promise<readonly string[]> {
  const { Entrypoint, Cmd } = (await docker.getImage(image).inspect()).Config;
  return [Entrypoint ?? [], Cmd ?? []].flat();
}

/** A machine that is to be started. */
export interface MachineRequest {
  /** In the lab. */
  readonly name: string;
  readonly hostname: string;
  /** Beside its own name. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly image: string;
  /** What it holds more than its image. */
  readonly files: readonly ImageFile[];
}

/** A machine that was started does not run; the message has its exit code. */
export class MachineEnded extends Error {
  override readonly name = 'MachineEnded';
}

/** The containers of a lab's machines. */
export class Machines {
  readonly #engine: Engine;
  readonly #lab: string;
  /** Only who starts machines waits until this is loaded. */
  readonly #containers: Promise<typeof import('./machine-container.ts')>;
  /** What images start. */
  readonly #commands: Record<string, Promise<readonly string[]>> = {};

  constructor(engine: Engine, lab: string) {
    this.#engine = engine;
    this.#lab = lab;
    engineHost(engine).catch(() => {});
    this.#containers = import('./machine-container.ts').then(async (loaded) => {
      await loaded.prepare(engine);
      return loaded;
    });
    this.#containers.catch(() => {});
  }

  /** Starts a machine, without any network. */
  async start({ name, hostname, hosts = {}, image, files }: MachineRequest): Promise<{
    readonly containerName: string;
    readonly containerId: string;
  }> {
    const containerName = `${this.#lab}-${name}`;
    const [{ startContainer }, host] = await Promise.all([this.#containers, engineHost(this.#engine)]);
    // keepalived asks for its own name when it starts; without an answer it waits for a name server.
    const known = { [hostname]: '127.0.1.1', ...hosts };
    const containerId = await startContainer({
      ...{ engine: this.#engine, name: containerName, image, hostname, hosts: known },
      entrypoint: await this.#entrypoint(image, host),
      labels: {
        [LABEL.lab]: this.#lab,
        [LABEL.role]: 'amphora',
        [LABEL.owner]: OWNER,
        [LABEL.session]: SESSION,
      },
      archive: archiveOf([...files, hostsFile(known), LAST]),
      hostConfig: machineHostConfig(this.#engine, host),
    });
    return { containerName, containerId };
  }

  /** What replaces the image's own, where the machine unpacks its files by itself. */
  async #entrypoint(image: string, host: EngineHost): Promise<readonly string[] | undefined> {
    if (!unpacksFiles(this.#engine)) return undefined;
    this.#commands[image] ??= commandOf(this.#engine, image);
    const remounts = remountsGroups(this.#engine, host);
    return initOf(await this.#commands[image], [
      ...(remounts ? ['remountGroups' as const] : []),
      'unpackFiles',
    ]);
  }

  /** Starts it again: its processes end, its files stay, its NICs go. */
  async restart(containerId: string, how: 'orderly' | 'reset'): Promise<void> {
    await this.#of(containerId).restart({ t: how === 'orderly' ? STOP_LIMIT_S : 0 });
  }

  remove(containerId: string): Promise<void> {
    return removeContainer(this.#engine, containerId);
  }

  /**
   * Its process 1, as the engine's host counts.
   *
   * @throws MachineEnded
   */
  async pidOf(containerId: string): Promise<number> {
    const { Name, State } = await this.#of(containerId).inspect();
    if (State.Running) return State.Pid;
    throw new MachineEnded(
      `${Name.replace('/', '')} ended with exit code ${State.ExitCode} when it was started.`,
    );
  }

  /** Whether it has power. */
  async runs(containerId: string): Promise<boolean> {
    return (await this.#of(containerId).inspect()).State.Running;
  }

  /** Stops everything in it by the cgroup freezer, until it is thawed. */
  async freeze(containerId: string): Promise<void> {
    await this.#of(containerId).pause();
  }

  async thaw(containerId: string): Promise<void> {
    await this.#of(containerId).unpause();
  }

  /** Gives it this share of one core and no more, or no limit. */
  limitCpu(containerId: string, share: number | undefined): Promise<void> {
    return limitCpu(this.#engine, containerId, share);
  }

  #of(containerId: string) {
    return this.#engine.docker.getContainer(containerId);
  }
}
