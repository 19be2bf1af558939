import { createIdentity } from '../../../src/flows/certificate-authority.ts';
import { digestOf, filesBelow, type NodeFile } from '../../pair/configuration/files.ts';
import { pairIn } from '../../pair/configuration/folder.ts';
import { type Pair, wholeKeepalived } from '../../pair/configuration/pair.ts';
import { checkWaitsMs } from '../../pair/configuration/sight.ts';
import type { Program } from '../../system/system.ts';
import type { PairUnderTest } from '../../system/under-test.ts';
import type { ClientSides } from '../addresses.ts';
import { startBackEnds, startOnMachine } from '../backends.ts';
import { BootListeners } from '../boot-listeners.ts';
import type { Engine } from '../engine/engine.ts';
import { newLabName } from '../engine/labels.ts';
import { startReaper } from '../engine/reaper.ts';
import { Fabric, type Forward } from '../fabric/fabric.ts';
import type { Asked } from '../fabric/protocol.ts';
import type { Images } from '../images/images.ts';
import {
  type ConfigurationFiles,
  type Lab,
  type LabNode,
  NoController,
  type PairTiming,
  portStep,
  type Service,
} from '../lab.ts';
import { addAnew } from '../links.ts';
import { Machines } from '../machines.ts';
import { inAmphora } from '../namespaces.ts';
import { bridgeOf, buildNetwork } from '../network.ts';
import { takesPart } from '../takes-part.ts';
import { type PairPlan, type PlannedNode, planOf } from './plan.ts';

/** In a node, the named pipe that its networking waits at (images/plain). */
const NICS_READY = '/usr/lib/lab/nics';
const NETWORK_BATCH = 'usr/lib/lab/network.batch';
/** Above those of the switch's other links; the same after a reboot, so that a capture that has begun still knows the port. */
const FIRST_PORT_INDEX = 100;
const PORTS_PER_NODE = 10;

/** The folder is no longer what the images and the report say. */
export class PairChanged extends Error {
  override readonly name = 'PairChanged';
}

export interface PlainLabRequest {
  readonly engine: Engine;
  readonly images: Images;
  readonly pair: PairUnderTest;
  readonly name?: string;
}

/** A machine of the pair, with its place in the lab. */
type PlainNode = LabNode & { readonly plan: PlannedNode };

/** Machines with keepalived and HAProxy of Debian and a user's configuration: systemd starts them. */
export class PlainLab implements Lab {
  readonly name: string;
  readonly fabric: Fabric;
  readonly plan: PairPlan;
  readonly operated = 'by systemctl';
  readonly switchPort = portStep;
  readonly transport = 'tcp';
  readonly #read: Pair;
  readonly #machines: Machines;
  readonly #disposal: AsyncDisposableStack;
  readonly #onBoot = new BootListeners();
  #nodes: readonly PlainNode[] = [];

  private constructor(
    known: { readonly name: string; readonly fabric: Fabric; readonly plan: PairPlan; readonly read: Pair },
    machines: Machines,
    disposal: AsyncDisposableStack,
  ) {
    this.name = known.name;
    this.fabric = known.fabric;
    this.plan = known.plan;
    this.#read = known.read;
    this.#machines = machines;
    this.#disposal = disposal;
  }

  /**
   * Builds a lab that fits the pair, and starts its machines.
   *
   * @throws PairChanged, UsageError, UnreadableConfiguration, FabricError, or the engine's error; nothing is left behind then
   */
  static async create({ engine, images, pair, name = newLabName() }: PlainLabRequest): Promise<PlainLab> {
    await using stack = new AsyncDisposableStack();
    const [read, digest] = await Promise.all([pairIn(pair.folder), digestOf(pair.folder)]);
    if (digest !== pair.digest)
      throw new PairChanged(
        `The files in ${pair.folder} have changed since it was measured first: start again.`,
      );
    const plan = planOf(read);
    stack.use(startReaper(engine));
    const machines = new Machines(engine, name);
    const starting = Fabric.start(engine, { lab: name, image: images.fabric });
    const containers: string[] = [];
    stack.defer(async () => {
      const fabric = await starting.catch(() => undefined);
      await Promise.all([...containers.map((id) => machines.remove(id)), fabric?.[Symbol.asyncDispose]()]);
    });
    const authority = createIdentity();
    const issued = async () => {
      const { cert, key } = await (await authority).serverAuthority.issue('lab', 'server');
      return `${cert}${key}`;
    };
    const wired = starting.then(async (fabric) => {
      await buildNetwork(fabric, plan.network);
      await startBackEnds(fabric, plan.backEnds, plan.network.subnets, await issued());
      return fabric;
    });
    wired.catch(() => {});
    const started = await Promise.allSettled(
      plan.nodes.map(async (node) => {
        const certificate = node.certificates.length > 0 ? await issued() : '';
        const files = [
          ...(await filesBelow(`${pair.folder}/${node.name}`)),
          ...addedFiles(node, certificate),
        ];
        const container = await machines.start({
          ...{ name: node.name, hostname: node.hostname, hosts: plan.hosts, image: images.amphora },
          files,
        });
        containers.push(container.containerId);
        return { node, ...container };
      }),
    );
    const fabric = await wired;
    const lab = new PlainLab({ name, fabric, plan, read }, machines, stack.move());
    try {
      for (const each of started) {
        if (each.status === 'rejected') throw each.reason;
      }
      const there = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      lab.#nodes = await Promise.all(
        there.map(async ({ node, containerId, containerName }) => ({
          ...{ id: node.name, compute_id: containerId, plan: node, vrrp_ip: node.vrrp.ip },
          ...{ vrrp_interface: node.vrrp.interface, vrrp_priority: node.priority },
          instance: {
            ...{ name: node.name, containerName, containerId },
            pid: await machines.pidOf(containerId),
          },
        })),
      );
      await Promise.all(lab.#nodes.map((node) => lab.#plug(node)));
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  get nodes(): readonly LabNode[] {
    return this.#nodes;
  }

  get vip(): string {
    return this.plan.service.vip;
  }

  get port(): number {
    return this.plan.service.port;
  }

  get asked(): Asked {
    const { protocol, path } = this.plan.service;
    return { tls: protocol === 'https', path };
  }

  get clientSides(): ClientSides {
    return this.plan.network.client;
  }

  get timing(): PairTiming {
    return this.plan.timing;
  }

  get files(): ConfigurationFiles {
    return { keepalived: '/etc/keepalived/keepalived.conf', haproxy: '/etc/haproxy/haproxy.cfg' };
  }

  wholeKeepalived({ id }: LabNode): string | undefined {
    const node = this.#read.nodes.find(({ name }) => name === id);
    return node && wholeKeepalived(node);
  }

  checkWaitsMs({ id }: LabNode): number | null {
    const node = this.#read.nodes.find(({ name }) => name === id);
    return (node && checkWaitsMs(node)) ?? null;
  }

  get statsSocket(): string | undefined {
    return this.plan.statsSocket;
  }

  get octavia(): never {
    throw new NoController('The pair has neither controller nor agents.');
  }

  current(node: LabNode): LabNode {
    return this.#of(node);
  }

  macOf(node: LabNode): string {
    return this.#of(node).plan.vipMac;
  }

  inside({ instance }: LabNode, ...argv: readonly string[]): string[] {
    return inAmphora(instance, ...argv);
  }

  besideVip({ instance }: LabNode, ...argv: readonly string[]): string[] {
    return ['nsenter', `--net=/proc/${instance.pid}/ns/net`, ...argv];
  }

  get routerId(): number {
    return this.plan.service.routerId;
  }

  ownAddressOf(seen: string | undefined): string | undefined {
    const isOwn = ({ nics }: PlannedNode) =>
      nics.some(({ addresses }) => addresses.some((each) => each.split('/')[0] === seen));
    return this.plan.nodes.find(isOwn)?.vrrp.ip;
  }

  unitOf(service: Service): string {
    return `${service}.service`;
  }

  processesOf(service: Service): readonly string[] {
    return ['--exact', service];
  }

  portsOf(node: LabNode): readonly string[] {
    return this.#of(node).plan.nics.map(({ port }) => port);
  }

  async operate(node: LabNode, program: Program, action: 'start' | 'stop' | 'reload'): Promise<void> {
    await this.fabric.run({ argv: this.inside(node, 'systemctl', action, this.unitOf(program)) });
  }

  async restoreInterface(node: LabNode): Promise<void> {
    const lines = batchOf(this.#of(node).plan).map((line) =>
      line.replace(/^(address|route) add/, '$1 replace'),
    );
    await this.fabric.run({
      argv: this.besideVip(node, 'ip', '-batch', '-'),
      stdin: `${lines.join('\n')}\n`,
    });
  }

  forwardVip(port: number): Promise<Forward> {
    return this.fabric.forward(this.vip, port);
  }

  freeze({ compute_id }: LabNode): Promise<void> {
    return this.#machines.freeze(compute_id);
  }

  thaw({ compute_id }: LabNode): Promise<void> {
    return this.#machines.thaw(compute_id);
  }

  limitCpu({ compute_id }: LabNode, share?: number): Promise<void> {
    return this.#machines.limitCpu(compute_id, share);
  }

  async reboot({ id, compute_id }: LabNode, how: 'orderly' | 'reset'): Promise<void> {
    await this.#machines.restart(compute_id, how);
    const pid = await this.#machines.pidOf(compute_id);
    this.#nodes = this.#nodes.map((node) =>
      node.id === id ? { ...node, instance: { ...node.instance, pid } } : node,
    );
    const node = this.#nodes.find((each) => each.id === id);
    if (!node) return;
    await this.#plug(node);
  }

  async boot(node: LabNode): Promise<void> {
    await this.reboot(node, 'reset');
    const booted = this.#of(node);
    await takesPart(this.fabric, booted.instance, {
      unit: this.unitOf('keepalived'),
      as: /Entering (BACKUP|MASTER|FAULT) STATE/,
    });
    await this.#onBoot.call(booted);
  }

  onBoot(listener: (node: LabNode) => Promise<void>): Disposable {
    return this.#onBoot.add(listener);
  }

  async revive(): Promise<void> {
    for (const node of this.#nodes) {
      if (!(await this.#machines.runs(node.compute_id))) await this.boot(node);
    }
  }

  async versionsOf(): Promise<Readonly<Record<string, string>>> {
    return {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disposal.disposeAsync();
  }

  #of({ id }: LabNode): PlainNode {
    const found = this.#nodes.find((node) => node.id === id);
    if (!found) throw new Error(`The lab holds no machine ${id}.`);
    return found;
  }

  /** Gives a machine that has just been started its NICs, and lets its networking go on. */
  async #plug(node: PlainNode): Promise<void> {
    const { instance, plan } = node;
    const { name, containerId, pid } = instance;
    await this.fabric.guard({ node: name, pid, containerId });
    const first = FIRST_PORT_INDEX + this.plan.nodes.indexOf(plan) * PORTS_PER_NODE;
    await addAnew(
      this.fabric,
      ['ip', '-n', 'switch'],
      plan.nics.map(({ port }) => port),
      plan.nics.flatMap(({ port, mac, segment, name: nic }, n) => [
        `link add name ${port} index ${first + n} type veth peer name ${nic} address ${mac} netns ${pid}`,
        `link set dev ${port} master ${bridgeOf(segment)} up`,
      ]),
    );
    await this.fabric.run({ argv: inAmphora(instance, 'sh', '-c', `echo > ${NICS_READY}`) });
    await startOnMachine(this.fabric, instance, plan.servers);
  }
}

/** What the lab puts beside the files of a node. */
function addedFiles(node: PlannedNode, certificate: string): readonly NodeFile[] {
  return [
    { path: NETWORK_BATCH, mode: 0o644, content: Buffer.from(`${batchOf(node).join('\n')}\n`) },
    ...node.certificates.map((path) => ({
      ...{ path: path.replace(/^\//, ''), mode: 0o600 },
      content: Buffer.from(certificate),
    })),
  ];
}

/** Brings the interfaces of a node up (ip(8), -batch). */
function batchOf({ nics, gateways }: PlannedNode): readonly string[] {
  return [
    'link set lo up',
    ...nics.flatMap(({ name, addresses }) => [
      `link set dev ${name} up`,
      ...addresses.map(
        (address) => `address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`,
      ),
    ]),
    ...gateways.map(({ address, device }) => `route add default via ${address} dev ${device}`),
  ];
}
