import type { Controller } from '../../src/controller/controller.ts';
import type { Amphora } from '../../src/domain/amphora.ts';
import { type Deployment, members } from '../../src/domain/deployment.ts';
import { transportOf } from '../../src/domain/protocol.ts';
import type { Settings } from '../../src/domain/settings.ts';
import type { ClientCredentials } from '../../src/driver/endpoint.ts';
import type { SecurityGroupRule } from '../../src/flows/network.ts';
import type { HealthManager } from '../../src/health/health-manager.ts';
import { PATHS } from '../../src/templates/paths.ts';
import type { Program } from '../system/system.ts';
import { CLIENT_SIDES } from './addresses.ts';
import { timingOf } from './amphora-timing.ts';
import { BootListeners } from './boot-listeners.ts';
import { bootMachines, deploy, type LabRequest, layGround, type Parts, takeControl } from './build-lab.ts';
import type { Fabric, Forward } from './fabric/fabric.ts';
import {
  type ConfigurationFiles,
  type Lab,
  type LabAmphora,
  type LabNode,
  type LabTimes,
  type Octavia,
  type PairTiming,
  portStep,
  type Service,
} from './lab.ts';
import { inAmphora, inVipNamespace } from './namespaces.ts';
import { takesPart } from './takes-part.ts';

/** The pid files of every keepalived in an amphora. */
const PID_FILES = [PATHS.vrrp.folder, PATHS.lvs.folder].map((folder) => `${folder}/*.pid`);

/** Units of an amphora as systemd's patterns. */
const UNITS: Readonly<Record<Service, string>> = {
  haproxy: 'haproxy-*.service',
  keepalived: 'octavia-keepalived.service',
  agent: 'amphora-agent.service',
};

/** What the command lines of the keepalived that speaks VRRP match: a listener that is served by LVS has one of its own. */
export const VRRP_COMMAND = `^[^ ]*keepalived .*-f ${PATHS.vrrp.configuration}`;

/** Two amphorae with a load balancer, a switch, a router, a client and back ends. */
export class AmphoraLab implements Lab, Octavia {
  readonly #parts: Parts;
  readonly #loadBalancerId: string;
  readonly #disposal: AsyncDisposableStack;
  readonly #onBoot = new BootListeners();

  private constructor(parts: Parts, loadBalancerId: string, disposal: AsyncDisposableStack) {
    this.#parts = parts;
    this.#loadBalancerId = loadBalancerId;
    this.#disposal = disposal;
  }

  /**
   * Builds a lab and has the controller create the load balancer in it.
   *
   * @throws NoIpvs, FlowFailed, FabricError, or the engine's error; nothing is left behind then
   */
  static async create(request: LabRequest): Promise<AmphoraLab> {
    await using stack = new AsyncDisposableStack();
    const ground = layGround(request, stack);
    const machines = await bootMachines(ground, stack);
    const control = await takeControl(ground, machines, stack);
    const parts = await deploy(ground, machines, control, stack);
    return new AmphoraLab(parts, ground.loadBalancer.id, stack.move());
  }

  get name(): string {
    return this.#parts.name;
  }

  get fabric(): Fabric {
    return this.#parts.fabric;
  }

  /** As used: with the connection limit that the engine's host can hold. */
  get settings(): Settings {
    return this.#parts.settings;
  }

  /** What the controller shows to agents; PEM. */
  get credentials(): ClientCredentials {
    return this.#parts.credentials;
  }

  get times(): Readonly<LabTimes> {
    return this.#parts.times;
  }

  /** Where one was asked for. */
  get health(): HealthManager | undefined {
    return this.#parts.health;
  }

  /** Resolves once the health manager, where one was asked for, has heard every amphora. @throws when it has not within the limit */
  async heard(limitMs: number): Promise<void> {
    await this.health?.until(() => members(this.deployment).every(({ heard }) => heard), limitMs);
  }

  /** The operator's side of the load balancer. */
  get controller(): Controller {
    return this.#parts.controller;
  }

  get deployment(): Deployment {
    return this.controller.deployment(this.#loadBalancerId);
  }

  /** The address that clients ask. */
  get vip(): string {
    return this.deployment.vip.ip_address;
  }

  /** The port of the first listener; 0 where there is none. */
  get port(): number {
    return this.#firstListener?.protocol_port ?? 0;
  }

  get transport(): 'tcp' | 'udp' {
    return this.#firstListener && transportOf(this.#firstListener.protocol) === 'udp' ? 'udp' : 'tcp';
  }

  get #firstListener() {
    return this.deployment.loadBalancer.listeners[0];
  }

  get timing(): PairTiming {
    return timingOf(this.settings);
  }

  get files(): ConfigurationFiles {
    // A single amphora has no keepalived.
    return { keepalived: PATHS.vrrp.configuration, haproxy: `${PATHS.base}/*/haproxy.cfg` };
  }

  get statsSocket(): string {
    return PATHS.haproxy(this.#loadBalancerId).socket;
  }

  readonly operated = 'through its agent';
  readonly clientSides = CLIENT_SIDES;

  get octavia(): Octavia {
    return this;
  }

  get nodes(): readonly LabNode[] {
    return this.amphorae;
  }

  get amphorae(): readonly LabAmphora[] {
    return members(this.deployment).map((amphora) => ({
      ...amphora,
      instance: this.#parts.compute.instance(amphora.compute_id),
    }));
  }

  /** How many amphorae run, those too that belong to no load balancer. */
  get instances(): number {
    return this.#parts.compute.instances.length;
  }

  /** An amphora as it is now: one that has booted has another process 1. */
  current(node: LabNode): LabNode {
    return this.nodes.find(({ id }) => id === node.id) ?? node;
  }

  /** MAC of its port on the VIP's network; undefined where it has none. */
  macOf({ compute_id }: LabNode): string | undefined {
    return this.#parts.network.ports.find(({ computeId }) => computeId === compute_id)?.macAddress;
  }

  /** What the switch lets in to the VIP. */
  allow(rules: readonly SecurityGroupRule[]): Promise<void> {
    return this.#parts.network.updateSecurityGroup(this.deployment.vip, rules);
  }

  /** A 127.0.0.1 port that leads to a port of the VIP, from the client's namespace. */
  forwardVip(port: number): Promise<Forward> {
    return this.fabric.forward(this.vip, port);
  }

  /** What an amphora's agent does when it is asked. */
  agent(amphora: Amphora) {
    const { driver } = this.#parts;
    return {
      keepalived: (action: 'start' | 'stop' | 'reload') => driver.vrrp(amphora, action),
      haproxy: (action: 'start' | 'stop' | 'reload') => driver.haproxy(amphora, this.#loadBalancerId, action),
      info: () => driver.info(amphora),
      interfaceOf: (ip: string) => driver.interfaceOf(amphora, ip),
    };
  }

  /** Puts a command of the fabric into an amphora: its files and its systemd. */
  inside({ instance }: LabNode, ...argv: readonly string[]): string[] {
    return inAmphora(instance, ...argv);
  }

  /** Puts a command of the fabric into the network namespace that serves the VIP; its files are the fabric's. */
  besideVip({ instance }: LabNode, ...argv: readonly string[]): string[] {
    return inVipNamespace(instance, ...argv);
  }

  readonly switchPort = portStep;

  portsOf({ instance }: LabNode): readonly string[] {
    return [instance.name];
  }

  ownAddressOf(seen: string | undefined): string | undefined {
    return seen;
  }

  unitOf(service: Service): string {
    return UNITS[service];
  }

  processesOf(service: Service): readonly string[] {
    if (service === 'agent') return ['--full', this.#parts.agents.processes];
    if (service === 'keepalived') return ['--full', VRRP_COMMAND];
    return ['--exact', service];
  }

  async operate(node: LabNode, program: Program, action: 'start' | 'stop' | 'reload'): Promise<void> {
    await this.agent(this.#amphoraOf(node))[program](action);
  }

  /** The kernel removed the routes with the interface: the program that restores them after a boot does so here too. */
  async restoreInterface(node: LabNode): Promise<void> {
    const { restoreInterfaces } = this.#parts.agents;
    await this.fabric.run({
      argv: this.inside(node, 'nsenter', '--net=/proc/1/ns/net', ...restoreInterfaces),
    });
  }

  async versionsOf(node: LabNode): Promise<Readonly<Record<string, string>>> {
    const { haproxy_version: haproxy, keepalived_version: keepalived } = await this.agent(
      this.#amphoraOf(node),
    ).info();
    return { haproxy, keepalived };
  }

  #amphoraOf({ id }: LabNode): LabAmphora {
    const found = this.amphorae.find((amphora) => amphora.id === id);
    if (!found) throw new Error(`The lab holds no amphora ${id}.`);
    return found;
  }

  /** Stops everything in an amphora between two instructions (the cgroup freezer). */
  freeze({ compute_id }: LabNode): Promise<void> {
    return this.#parts.compute.machines.freeze(compute_id);
  }

  thaw({ compute_id }: LabNode): Promise<void> {
    return this.#parts.compute.machines.thaw(compute_id);
  }

  /** @param share of one core, and no more (CFS quota); no limit where it is absent */
  limitCpu({ compute_id }: LabNode, share?: number): Promise<void> {
    return this.#parts.compute.machines.limitCpu(compute_id, share);
  }

  /**
   * Reboots an amphora; its NICs are back when this resolves, its services come back by themselves.
   * `lab.amphorae` holds its new process from then on.
   *
   * @param how `orderly` lets systemd stop what runs (keepalived says farewell), `reset` leaves it no time
   */
  async reboot({ compute_id }: LabNode, how: 'orderly' | 'reset'): Promise<void> {
    const instance = await this.#parts.compute.reboot(compute_id, how);
    // A pid file outlives a power loss. Where another process has that number after the boot, which is likely in a
    // container, keepalived takes itself for running and ends (2.2.7, "daemon is already running"). It starts after the NICs.
    await this.fabric.run(...PID_FILES.map((remove) => ({ machine: instance.pid, remove })));
    await this.#parts.network.replug(compute_id);
  }

  /**
   * Gives an amphora that has lost power its power back; resolves when it is a backup again.
   *
   * @throws NotReturned
   */
  async boot(amphora: LabNode): Promise<void> {
    await this.reboot(amphora, 'reset');
    const booted = { ...amphora, instance: this.#parts.compute.instance(amphora.compute_id) };
    await takesPart(this.fabric, booted.instance, { unit: UNITS.keepalived, as: /Entering BACKUP STATE/ });
    await this.#onBoot.call(booted);
  }

  /** Has a listener called before `boot` resolves, until it is disposed of: what watched the amphora ended with its power. */
  onBoot(listener: (amphora: LabNode) => Promise<void>): Disposable {
    return this.#onBoot.add(listener);
  }

  /**
   * Boots every amphora that has lost power; resolves when each is a backup again.
   *
   * @throws NotReturned
   */
  async revive(): Promise<void> {
    await Promise.all(
      this.nodes.map(async (amphora) => {
        if (!(await this.#parts.compute.machines.runs(amphora.compute_id))) await this.boot(amphora);
      }),
    );
  }

  /** Destroys the lab: resolves when its containers are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disposal.disposeAsync();
  }
}
