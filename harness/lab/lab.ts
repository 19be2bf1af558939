import type { Controller } from '../../src/controller/controller.ts';
import type { Amphora } from '../../src/domain/amphora.ts';
import { type Deployment, members } from '../../src/domain/deployment.ts';
import type { Settings } from '../../src/domain/settings.ts';
import type { ClientCredentials } from '../../src/driver/endpoint.ts';
import type { SecurityGroupRule } from '../../src/flows/network.ts';
import type { HealthManager } from '../../src/health/health-manager.ts';
import { PATHS } from '../../src/templates/paths.ts';
import type { AgentDescription } from '../system/agents.ts';
import { backupAgain } from './backup-again.ts';
import {
  bootMachines,
  deploy,
  type LabRequest,
  type LabTimes,
  layGround,
  type Parts,
  takeControl,
} from './build-lab.ts';
import type { Instance } from './compute.ts';
import type { Fabric, Forward } from './fabric/fabric.ts';
import { inAmphora, inVipNamespace } from './namespaces.ts';

/** Above the kernel's highest process number (proc(5), pid_max). */
const NO_PROCESS = 4_194_305;

/** An amphora as the controller and the lab know it together. */
export type LabAmphora = Amphora & { readonly instance: Instance };

/** Two amphorae with a load balancer, a switch, a router, a client and back ends. */
export class Lab implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #loadBalancerId: string;
  readonly #disposal: AsyncDisposableStack;
  readonly #onBoot = new Set<(amphora: LabAmphora) => Promise<void>>();

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
  static async create(request: LabRequest): Promise<Lab> {
    await using stack = new AsyncDisposableStack();
    const ground = layGround(request, stack);
    const machines = await bootMachines(ground, stack);
    const control = await takeControl(ground, machines, stack);
    const parts = await deploy(ground, machines, control, stack);
    return new Lab(parts, ground.loadBalancer.id, stack.move());
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
    return this.deployment.loadBalancer.listeners[0]?.protocol_port ?? 0;
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
  current(amphora: LabAmphora): LabAmphora {
    return this.amphorae.find(({ id }) => id === amphora.id) ?? amphora;
  }

  /** MAC of its port on the VIP's network; undefined where it has none. */
  macOf({ compute_id }: Amphora): string | undefined {
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

  /** What the agents of its amphorae are like. */
  get agents(): AgentDescription {
    return this.#parts.agents;
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
  inside({ instance }: LabAmphora, ...argv: readonly string[]): string[] {
    return inAmphora(instance, ...argv);
  }

  /** Puts a command of the fabric into the network namespace that serves the VIP; its files are the fabric's. */
  besideVip({ instance }: LabAmphora, ...argv: readonly string[]): string[] {
    return inVipNamespace(instance, ...argv);
  }

  /** The step that takes a port of the switch down, or up. Read from its input, it waits for its instant: see Fabric.at. */
  switchPort(name: string, state: 'up' | 'down'): { argv: string[]; stdin: string } {
    return { argv: ['ip', '-n', 'switch', '-batch', '-'], stdin: `link set ${name} ${state}\n` };
  }

  /** Stops everything in an amphora between two instructions (the cgroup freezer). */
  freeze({ compute_id }: Amphora): Promise<void> {
    return this.#parts.compute.freeze(compute_id);
  }

  thaw({ compute_id }: Amphora): Promise<void> {
    return this.#parts.compute.thaw(compute_id);
  }

  /** @param share of one core, and no more (CFS quota); no limit where it is absent */
  limitCpu({ compute_id }: Amphora, share?: number): Promise<void> {
    return this.#parts.compute.limitCpu(compute_id, share);
  }

  /**
   * Reboots an amphora; its NICs are back when this resolves, its services come back by themselves.
   * `lab.amphorae` holds its new process from then on.
   *
   * @param how `orderly` lets systemd stop what runs (keepalived says farewell), `reset` leaves it no time
   */
  async reboot({ compute_id }: Amphora, how: 'orderly' | 'reset'): Promise<void> {
    await this.#parts.compute.reboot(compute_id, how);
    await this.#parts.network.replug(compute_id);
  }

  /**
   * Gives an amphora that has lost power its power back; resolves when it is a backup again.
   *
   * @throws NotReturned
   */
  async boot(amphora: Amphora): Promise<void> {
    const { compute } = this.#parts;
    // keepalived's pid file outlives a power loss. Where another process has that number after the boot,
    // keepalived takes itself for running and ends (2.2.7, "daemon is already running"; an empty file too).
    await compute.writeFile(amphora.compute_id, PATHS.vrrp.pid, `${NO_PROCESS}\n`);
    await this.reboot(amphora, 'reset');
    const booted = { ...amphora, instance: compute.instance(amphora.compute_id) };
    await backupAgain(this.fabric, booted.instance);
    await Promise.all([...this.#onBoot].map((listener) => listener(booted)));
  }

  /** Has a listener called before `boot` resolves, until it is disposed of: what watched the amphora ended with its power. */
  onBoot(listener: (amphora: LabAmphora) => Promise<void>): Disposable {
    this.#onBoot.add(listener);
    return { [Symbol.dispose]: () => void this.#onBoot.delete(listener) };
  }

  /**
   * Boots every amphora that has lost power; resolves when each is a backup again.
   *
   * @throws NotReturned
   */
  async revive(): Promise<void> {
    await Promise.all(
      this.amphorae.map(async (amphora) => {
        if (!(await this.#parts.compute.runs(amphora.compute_id))) await this.boot(amphora);
      }),
    );
  }

  /** Destroys the lab: resolves when its containers are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disposal.disposeAsync();
  }
}
