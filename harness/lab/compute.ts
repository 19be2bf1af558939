import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { HostConfig } from 'dockerode';
import { pack } from 'tar-stream';
import { GenericContainer } from 'testcontainers';
import { AGENT_PORT } from '../../src/domain/amphora.ts';
import type { BootFile, ComputeInstance, ComputeService } from '../../src/flows/compute.ts';
import { ADDRESSES, managementAddress, managementMac } from './addresses.ts';
import { asLost } from './engine/connection.ts';
import { removeContainer } from './engine/containers.ts';
import type { Engine } from './engine/engine.ts';
import { LABEL, OWNER, SESSION } from './engine/labels.ts';
import type { Fabric, Forward } from './fabric/fabric.ts';

/** As systemd gives units by default (DefaultTimeoutStopSec is 90 s), cut to what a lab waits. */
const STOP_LIMIT_S = 15;

/** An amphora's container while it runs. */
export interface Instance {
  readonly computeId: string;
  readonly amphoraId: string;
  /** Number in the lab, from 1; `amphora-1` is its name and that of its port in the switch. */
  readonly ordinal: number;
  readonly name: string;
  readonly containerName: string;
  readonly containerId: string;
  /** Process 1 of the amphora, as the engine's host counts. */
  readonly pid: number;
  readonly agentUrl: string;
}

/**
 * What an amphora's container may do: enough for systemd as process 1 and for keepalived.
 *
 * @param cgroupVersion of the engine's host, `1` or `2`
 */
export function amphoraHostConfig(cgroupVersion: string): HostConfig {
  const unified = cgroupVersion === '2';
  return {
    // SYS_ADMIN: systemd mounts, ip netns. NET_ADMIN, NET_RAW: keepalived. SYS_NICE: keepalived's priority.
    CapAdd: ['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW', 'SYS_NICE'],
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
    MaskedPaths: [],
    ReadonlyPaths: [],
    Tmpfs: { '/run': 'rw,mode=755', '/run/lock': 'rw', '/tmp': 'rw' },
    Binds: [`/sys/fs/cgroup:/sys/fs/cgroup:${unified ? 'rw' : 'ro'}`],
    ...(unified && { CgroupnsMode: 'host' }),
  };
}

/** An amphora as a container: systemd is its process 1. */
class AmphoraContainer extends GenericContainer {
  constructor(image: string, cgroupVersion: string) {
    super(image);
    this.withNetworkMode('none')
      .withAutoCleanup(false)
      .withPullPolicy({ shouldPull: () => 'never' })
      .withEnvironment({ container: 'docker' });
    Object.assign(this.hostConfig, amphoraHostConfig(cgroupVersion));
    this.createOpts.StopSignal = 'SIGRTMIN+3';
  }
}

/** The compute service below the controller: amphorae are containers of the lab's engine. */
export class LabCompute implements ComputeService {
  readonly #engine: Engine;
  readonly #lab: string;
  readonly #image: string;
  readonly #cgroupVersion: string;
  readonly #fabric: Promise<Fabric>;
  readonly #instances = new Map<string, Instance>();
  /** To the agents, by instance. */
  readonly #forwards = new Map<string, Forward>();
  readonly #spares: Promise<ComputeInstance & { amphoraId: string }>[] = [];
  readonly #claimed = new Map<string, Promise<ComputeInstance & { amphoraId: string }>>();
  #lastOrdinal = 0;

  /** `fabric` may still be starting: containers are started meanwhile. */
  constructor(options: {
    engine: Engine;
    lab: string;
    image: string;
    cgroupVersion: string;
    fabric: Promise<Fabric>;
  }) {
    this.#engine = options.engine;
    this.#lab = options.lab;
    this.#image = options.image;
    this.#cgroupVersion = options.cgroupVersion;
    this.#fabric = options.fabric;
    // testcontainers looks for its engine by itself; no reaper image can be had where no registry answers,
    // and the fabric's dead-man's switch does that work.
    process.env.DOCKER_HOST = options.engine.host;
    process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
    // Else it asks for the engine's default bridge, which ours does not have. No port of a container is used.
    process.env.TESTCONTAINERS_HOST_OVERRIDE = 'localhost';
  }

  /** @throws when the lab holds no such instance. */
  instance(computeId: string): Instance {
    const instance = this.#instances.get(computeId);
    if (!instance) throw new Error(`The lab holds no instance ${computeId}.`);
    return instance;
  }

  get instances(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  /** Boots amphorae before a load balancer asks for them (the spare pool of Octavia up to Ussuri). */
  prepareSpares(
    count: number,
    bootFiles: (amphoraId: string) => Promise<readonly BootFile[]>,
  ): Promise<unknown> {
    for (let n = 0; n < count; n++) {
      const amphoraId = randomUUID();
      // Taken now, so that the first spare is amphora-1 whichever is ready first.
      const ordinal = ++this.#lastOrdinal;
      const spare = (async () => ({
        amphoraId,
        ...(await this.#start(ordinal, { amphoraId, files: await bootFiles(amphoraId) })),
      }))();
      spare.catch(() => {});
      this.#spares.push(spare);
    }
    return Promise.all(this.#spares);
  }

  async takeSpare(claim: string): Promise<(ComputeInstance & { amphoraId: string }) | undefined> {
    const claimed = this.#claimed.get(claim) ?? this.#spares.shift();
    if (claimed) this.#claimed.set(claim, claimed);
    return claimed;
  }

  async boot(request: { amphoraId: string; files: readonly BootFile[] }): Promise<ComputeInstance> {
    const known = this.instances.find(({ amphoraId }) => amphoraId === request.amphoraId);
    return known
      ? { ...known, lbNetworkIp: managementAddress(known.ordinal) }
      : this.#start(++this.#lastOrdinal, request);
  }

  async #start(
    ordinal: number,
    { amphoraId, files }: { amphoraId: string; files: readonly BootFile[] },
  ): Promise<ComputeInstance> {
    const name = `amphora-${ordinal}`;
    const containerName = `${this.#lab}-${name}`;
    const container = await new AmphoraContainer(this.#image, this.#cgroupVersion)
      .withName(containerName)
      .withHostname(`amphora-${amphoraId}`)
      // keepalived asks for its own name when it starts; without an answer it waits for a name server.
      .withExtraHosts([{ host: `amphora-${amphoraId}`, ipAddress: '127.0.1.1' }])
      .withLabels({
        [LABEL.lab]: this.#lab,
        [LABEL.role]: 'amphora',
        [LABEL.owner]: OWNER,
        [LABEL.session]: SESSION,
      })
      .withCopyContentToContainer(files.map(({ path, content, mode }) => ({ content, target: path, mode })))
      .start()
      .catch((error: Error) => {
        throw asLost(error);
      });
    try {
      return await this.#wire(container.getId(), { ordinal, name, containerName, amphoraId });
    } catch (error) {
      await removeContainer(this.#engine, container.getId());
      throw error;
    }
  }

  /** Gives a container that has been started its management address, and its agent a port of 127.0.0.1. */
  async #wire(
    containerId: string,
    known: Pick<Instance, 'ordinal' | 'name' | 'containerName' | 'amphoraId'>,
  ): Promise<ComputeInstance> {
    const { ordinal } = known;
    const pid = await this.#pidOf(containerId);
    const fabric = await this.#fabric;
    const lbNetworkIp = managementAddress(ordinal);
    await this.#join({ ordinal, pid, containerId });
    const forward = await fabric.forward(lbNetworkIp, AGENT_PORT);
    const instance: Instance = {
      ...known,
      computeId: containerId,
      containerId,
      pid,
      agentUrl: `https://127.0.0.1:${forward.port}`,
    };
    this.#instances.set(instance.computeId, instance);
    this.#forwards.set(instance.computeId, forward);
    return { computeId: instance.computeId, lbNetworkIp, agentUrl: instance.agentUrl };
  }

  async delete(amphoraId: string): Promise<void> {
    const instance = this.instances.find((known) => known.amphoraId === amphoraId);
    if (!instance) return;
    this.#instances.delete(instance.computeId);
    await removeContainer(this.#engine, instance.containerId);
  }

  /**
   * Reboots an instance: its processes end, its files stay. The NICs went with its network namespace: the
   * one on the management network is back when this resolves, the ports are for the network service to
   * plug again.
   *
   * @param how `orderly` lets systemd stop what runs, `reset` leaves it no time
   * @throws when the lab holds no such instance
   */
  async reboot(computeId: string, how: 'orderly' | 'reset'): Promise<Instance> {
    const before = this.instance(computeId);
    // A killed kernel closes no connection: an open one to its agent would wait for an answer.
    this.#forwards.get(computeId)?.cut();
    await this.#engine.docker.getContainer(computeId).restart({ t: how === 'orderly' ? STOP_LIMIT_S : 0 });
    const instance = { ...before, pid: await this.#pidOf(computeId) };
    this.#instances.set(computeId, instance);
    const fabric = await this.#fabric;
    // The kernel takes its time to remove the links of a namespace that has ended.
    await fabric.attempt({ argv: ['ip', 'link', 'delete', `mgmt-${before.ordinal}`] });
    await this.#join(instance);
    return instance;
  }

  /** Writes a file on the disk of an instance, which need not run. @throws when the lab holds no such instance */
  async writeFile(computeId: string, path: string, content: string): Promise<void> {
    const tar = pack();
    tar.entry({ name: path.replace(/^\//, '') }, content);
    tar.finalize();
    const { containerId } = this.instance(computeId);
    await this.#engine.docker.getContainer(containerId).putArchive(Readable.from(tar), { path: '/' });
  }

  /** Whether it has power. @throws when the lab holds no such instance */
  async runs(computeId: string): Promise<boolean> {
    const { State } = await this.#engine.docker.getContainer(this.instance(computeId).containerId).inspect();
    return State.Running;
  }

  /** Gives an instance's first process its NIC on the management network; the fabric guards it from now on. */
  async #join({
    ordinal,
    pid,
    containerId,
  }: Pick<Instance, 'ordinal' | 'pid' | 'containerId'>): Promise<void> {
    const fabric = await this.#fabric;
    await fabric.guard({ node: `amphora-${ordinal}`, pid, containerId });
    const address = `${managementAddress(ordinal)}/${ADDRESSES.managementPrefix}`;
    await fabric.run(
      {
        argv: ['ip', '-batch', '-'],
        stdin: `link add mgmt-${ordinal} type veth peer name eth0 address ${managementMac(ordinal)} netns ${pid}\nlink set mgmt-${ordinal} master mgmt0 up\n`,
      },
      {
        argv: ['nsenter', `--net=/proc/${pid}/ns/net`, 'ip', '-batch', '-'],
        stdin: `link set lo up\naddress add ${address} dev eth0\nlink set eth0 up\n`,
      },
    );
  }

  /** Stops everything in an instance by the cgroup freezer, until it is thawed. */
  async freeze(computeId: string): Promise<void> {
    await this.#engine.docker.getContainer(computeId).pause();
  }

  async thaw(computeId: string): Promise<void> {
    await this.#engine.docker.getContainer(computeId).unpause();
  }

  /** Gives an instance this share of one core and no more (CFS quota, in periods of 100 ms), or no limit. */
  async limitCpu(computeId: string, share: number | undefined): Promise<void> {
    const CpuPeriod = 100_000;
    await this.#engine.docker
      .getContainer(computeId)
      .update({ CpuPeriod, CpuQuota: share === undefined ? -1 : Math.round(share * CpuPeriod) });
  }

  /** Removes all instances, those too that are still booting. */
  async deleteAll(): Promise<void> {
    await Promise.allSettled([...this.#spares, ...this.#claimed.values()]);
    await Promise.all(this.instances.map(({ amphoraId }) => this.delete(amphoraId)));
  }

  async #pidOf(containerId: string): Promise<number> {
    const { State } = await this.#engine.docker.getContainer(containerId).inspect();
    return State.Pid;
  }
}
