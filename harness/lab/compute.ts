import { randomUUID } from 'node:crypto';
import { AGENT_PORT } from '../../src/domain/amphora.ts';
import type { BootFile, ComputeInstance, ComputeService } from '../../src/flows/compute.ts';
import { ADDRESSES, managementAddress, managementMac } from './addresses.ts';
import type { Engine } from './engine/engine.ts';
import type { Fabric, Forward } from './fabric/fabric.ts';
import type { ImageFile } from './images/recipe.ts';
import { addAnew } from './links.ts';
import { Machines } from './machines.ts';

/** While an amphora boots, its first request waits so long for an answer. */
const BOOT_WITHIN_MS = 1000;
/** And is asked again, for two minutes. */
export const BOOT_RETRY = { attempts: 120, intervalMs: 20 };

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

/** The compute service below the controller: amphorae are containers of the lab's engine. */
export class LabCompute implements ComputeService {
  /** The containers of the instances, known by their computeIds. */
  readonly machines: Machines;
  readonly #image: string;
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
    fabric: Promise<Fabric>;
  }) {
    this.machines = new Machines(options.engine, options.lab);
    this.#image = options.image;
    this.#fabric = options.fabric;
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
    const hostname = `amphora-${amphoraId}`;
    const image = this.#image;
    const container = await this.machines.start({ name, hostname, image, files: files.map(bootFile) });
    try {
      return await this.#wire({ ...container, ordinal, name, amphoraId });
    } catch (error) {
      await this.machines.remove(container.containerId);
      throw error;
    }
  }

  /** Gives a container that has been started its management address, and its agent a port of 127.0.0.1. */
  async #wire(
    known: Pick<Instance, 'ordinal' | 'name' | 'containerName' | 'containerId' | 'amphoraId'>,
  ): Promise<ComputeInstance> {
    const { ordinal, containerId } = known;
    const pid = await this.machines.pidOf(containerId);
    const fabric = await this.#fabric;
    const lbNetworkIp = managementAddress(ordinal);
    await this.#join({ ordinal, pid, containerId });
    const forward = await fabric.forward(lbNetworkIp, AGENT_PORT, BOOT_WITHIN_MS);
    const instance: Instance = {
      ...known,
      computeId: containerId,
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
    await this.machines.remove(instance.containerId);
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
    await this.machines.restart(computeId, how);
    const instance = { ...before, pid: await this.machines.pidOf(computeId) };
    this.#instances.set(computeId, instance);
    await this.#join(instance);
    return instance;
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
    const port = `mgmt-${ordinal}`;
    await addAnew(
      fabric,
      ['ip'],
      [port],
      [
        `link add ${port} type veth peer name eth0 address ${managementMac(ordinal)} netns ${pid}`,
        `link set ${port} master mgmt0 up`,
      ],
    );
    await fabric.run({
      argv: ['nsenter', `--net=/proc/${pid}/ns/net`, 'ip', '-batch', '-'],
      stdin: `link set lo up\naddress add ${address} dev eth0\nlink set eth0 up\n`,
    });
  }

  /** Removes all instances, those too that are still booting. */
  async deleteAll(): Promise<void> {
    await Promise.allSettled([...this.#spares, ...this.#claimed.values()]);
    await Promise.all(this.instances.map(({ amphoraId }) => this.delete(amphoraId)));
  }
}

/** As it goes into a container. */
function bootFile({ path, content, mode }: BootFile): ImageFile {
  return { path: path.replace(/^\//, ''), mode, content: Buffer.from(content) };
}
