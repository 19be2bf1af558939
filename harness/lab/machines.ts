import type { HostConfig } from 'dockerode';
import { unconfined } from './engine/confinement.ts';
import { removeContainer } from './engine/containers.ts';
import type { Engine } from './engine/engine.ts';
import { type EngineHost, engineHost } from './engine/engine-host.ts';
import { LABEL, OWNER, SESSION } from './engine/labels.ts';
import { archiveOf, type ImageFile } from './images/recipe.ts';

/** As systemd gives units by default (DefaultTimeoutStopSec is 90 s), cut to what a lab waits. */
const STOP_LIMIT_S = 15;
const CPU_PERIOD_US = 100_000;

/** What a machine's container may do: enough for systemd as process 1 and for keepalived. */
export function machineHostConfig(
  engine: Pick<Engine, 'name'>,
  host: Pick<EngineHost, 'cgroupVersion' | 'isRootless'>,
): HostConfig {
  const unified = host.cgroupVersion === '2';
  const { Binds, ...rights } = unconfined(engine, host);
  return {
    // SYS_ADMIN: systemd mounts, ip netns. NET_ADMIN, NET_RAW: keepalived. SYS_NICE: keepalived's priority.
    CapAdd: ['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW', 'SYS_NICE'],
    ...rights,
    Tmpfs: { '/run': 'rw,mode=755', '/run/lock': 'rw', '/tmp': 'rw' },
    Binds: [`/sys/fs/cgroup:/sys/fs/cgroup:${unified ? 'rw' : 'ro'}`, ...Binds],
    ...(unified && { CgroupnsMode: 'host' }),
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

/** The containers of a lab's machines. */
export class Machines {
  readonly #engine: Engine;
  readonly #lab: string;
  /** Only who starts machines waits until this is loaded. */
  readonly #containers: Promise<typeof import('./machine-container.ts')>;

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
      ...{ name: containerName, image, hostname, hosts: known },
      labels: {
        [LABEL.lab]: this.#lab,
        [LABEL.role]: 'amphora',
        [LABEL.owner]: OWNER,
        [LABEL.session]: SESSION,
      },
      archive: archiveOf([...files, hostsFile(known)]),
      hostConfig: machineHostConfig(this.#engine, host),
    });
    return { containerName, containerId };
  }

  /** Starts it again: its processes end, its files stay, its NICs go. */
  async restart(containerId: string, how: 'orderly' | 'reset'): Promise<void> {
    await this.#of(containerId).restart({ t: how === 'orderly' ? STOP_LIMIT_S : 0 });
  }

  remove(containerId: string): Promise<void> {
    return removeContainer(this.#engine, containerId);
  }

  /** Its process 1, as the engine's host counts. */
  async pidOf(containerId: string): Promise<number> {
    return (await this.#of(containerId).inspect()).State.Pid;
  }

  /** Whether it has power. */
  async runs(containerId: string): Promise<boolean> {
    return (await this.#of(containerId).inspect()).State.Running;
  }

  /** Writes a file on its disk; it need not run. */
  async writeFile(containerId: string, path: string, content: string): Promise<void> {
    const file = { path: path.replace(/^\//, ''), mode: 0o644, content: Buffer.from(content) };
    await this.#of(containerId).putArchive(archiveOf([file]), { path: '/' });
  }

  /** Stops everything in it by the cgroup freezer, until it is thawed. */
  async freeze(containerId: string): Promise<void> {
    await this.#of(containerId).pause();
  }

  async thaw(containerId: string): Promise<void> {
    await this.#of(containerId).unpause();
  }

  /** Gives it this share of one core and no more (CFS quota, in periods of 100 ms), or no limit. */
  async limitCpu(containerId: string, share: number | undefined): Promise<void> {
    const CpuQuota = share === undefined ? -1 : Math.round(share * CPU_PERIOD_US);
    await this.#of(containerId).update({ CpuPeriod: CPU_PERIOD_US, CpuQuota });
  }

  #of(containerId: string) {
    return this.#engine.docker.getContainer(containerId);
  }
}
