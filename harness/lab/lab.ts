import { randomBytes } from 'node:crypto';
import { bootFiles } from '../../src/controller/boot-files.ts';
import { type ControllerIdentity, createIdentity } from '../../src/controller/certificates.ts';
import type { BootFile } from '../../src/controller/compute.ts';
import { Controller } from '../../src/controller/controller.ts';
import { type Deployment, members } from '../../src/controller/deployment.ts';
import type { TaskListener } from '../../src/controller/flow.ts';
import type { SecurityGroupRule } from '../../src/controller/network.ts';
import type { AmphoraToBoot } from '../../src/controller/services.ts';
import type { Amphora } from '../../src/domain/amphora.ts';
import type { LoadBalancer } from '../../src/domain/load-balancer.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { RETRY } from '../../src/driver/client.ts';
import { connectionsWithin } from '../../src/driver/connection-limit.ts';
import { AmphoraDriver } from '../../src/driver/driver.ts';
import type { ClientCredentials } from '../../src/driver/endpoint.ts';
import { readFileReference } from '../../src/driver/secret.ts';
import type { HealthManager } from '../../src/health/health-manager.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { PATHS } from '../../src/templates/paths.ts';
import type { Engine } from '../engine/engine.ts';
import { startReaper } from '../engine/reaper.ts';
import { Fabric, type Forward, LabGone } from '../fabric/fabric.ts';
import type { Images } from '../images/images.ts';
import { backEndsFor, startBackEnds } from './backends.ts';
import { type Instance, LabCompute } from './compute.ts';
import { answerDatagrams } from './datagram-backends.ts';
import { inAmphora, inVipNamespace } from './enter.ts';
import { type HealthRequest, healthSettings, startHealthManager } from './health.ts';
import { requireIpvs } from './ipvs.ts';
import { buildNetwork, LabNetwork } from './network.ts';
import { backupAgain } from './return.ts';
import { labPlan } from './subnets.ts';

/** In a lab, an agent is ready within a second, or it is lost: asking often costs little and loses little. */
const LAB_RETRY = {
  ...RETRY,
  boot: { attempts: 6000, intervalMs: 20 },
  failover: { attempts: 2, intervalMs: 200 },
};

/** Above the kernel's highest process number (proc(5), pid_max). */
const NO_PROCESS = 4_194_305;

/** An amphora as the controller and the lab know it together. */
export type LabAmphora = Amphora & { readonly instance: Instance };

/** Durations of a lab's making, ms since it was asked for. */
export interface LabTimes {
  /** Namespaces, bridge and addresses are there, and both amphorae run. */
  networkReadyMs: number;
  agentsReadyMs: number;
  /** The controller's flows have ended; the VIP may still be on its way. */
  deployedMs: number;
}

interface Parts {
  readonly name: string;
  readonly fabric: Fabric;
  readonly network: LabNetwork;
  readonly compute: LabCompute;
  readonly controller: Controller;
  readonly driver: AmphoraDriver;
  readonly credentials: ClientCredentials;
  readonly settings: Settings;
  readonly times: LabTimes;
  readonly health?: HealthManager;
}

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
  static async create(request: {
    readonly engine: Engine;
    readonly images: Images;
    readonly loadBalancer: LoadBalancer;
    readonly settings: Settings;
    readonly name?: string;
    readonly onTask?: TaskListener;
    /** Without it, amphorae send no heartbeats and nobody watches them. */
    readonly health?: HealthRequest;
    /** What every amphora's image holds more than ours. */
    readonly imageFiles?: readonly BootFile[];
  }): Promise<Lab> {
    const { engine, images } = request;
    const plan = labPlan(request.loadBalancer);
    const backEnds = backEndsFor(request.loadBalancer.pools);
    // The controller is told the subnets that the file left out.
    const loadBalancer = { ...request.loadBalancer, additional_vips: plan.additionalVips };
    const name = request.name ?? newLabName();
    const startedMs = performance.now();
    const elapsedMs = () => performance.now() - startedMs;
    const times: LabTimes = { networkReadyMs: Number.NaN, agentsReadyMs: Number.NaN, deployedMs: Number.NaN };
    startReaper(engine);
    await using stack = new AsyncDisposableStack();
    const starting = Fabric.start(engine, { lab: name, image: images.fabric });
    stack.defer(async () => (await starting.catch(() => undefined))?.[Symbol.asyncDispose]());
    // Amphorae join the management network as soon as they run: it must be there.
    const wired = starting.then(async (fabric) => {
      await buildNetwork(fabric, plan.subnets);
      return fabric;
    });
    wired.catch(() => {});
    const gone = new AbortController();
    // Nobody answers then, however long one waits.
    starting.then(
      ({ ended }) => ended.then(() => gone.abort(new LabGone())),
      () => {},
    );
    const [info, identity] = await Promise.all([engine.docker.info(), createIdentity()]);
    const compute = new LabCompute({
      engine,
      lab: name,
      image: images.amphora,
      cgroupVersion: String(info.CgroupVersion ?? '1'),
      fabric: wired,
    });
    stack.defer(() => compute.deleteAll());
    const driver = stack.use(
      new AmphoraDriver(identity.credentials, {
        readSecret: readFileReference,
        retry: LAB_RETRY,
        split: request.settings.split,
        signal: gone.signal,
      }),
    );
    const { topology } = loadBalancer;
    const healthManager = request.health && healthSettings(request.health);
    const filesOf = async (amphora: AmphoraToBoot) => [
      ...(request.imageFiles ?? []),
      ...(await bootFiles({ ...amphora, identity, healthManager })),
    ];
    await requireIpvs(await wired, loadBalancer);
    const spares = compute.prepareSpares(topology === 'SINGLE' ? 1 : 2, (amphoraId) =>
      filesOf({ amphoraId, topology }),
    );
    spares.catch(() => {});
    const fabric = await wired;
    const limits = await fabric.hostLimits();
    const settings: Settings = {
      ...request.settings,
      haproxy_maxconn: Math.min(request.settings.haproxy_maxconn, connectionsWithin(limits.hardFileLimit)),
    };
    const network = new LabNetwork(fabric, (computeId) => compute.instance(computeId), plan);
    const controller = new Controller({
      compute,
      network,
      driver,
      bootFiles: filesOf,
      issueCertificate: async (amphoraId) => {
        const { cert, key } = await identity.serverAuthority.issue(amphoraId, 'server');
        return `${cert}${key}`;
      },
      settings,
      store: stack.use(openStore(':memory:')),
      onTask: (task) => {
        if (task.name === 'AmphoraComputeConnectivityWait') times.agentsReadyMs = elapsedMs();
        request.onTask?.(task);
      },
    });
    await Promise.all([
      spares.then(() => {
        times.networkReadyMs = elapsedMs();
      }),
      backEndCertificate(identity).then(async (certificate) => {
        await startBackEnds(fabric, backEnds, plan.subnets, certificate);
        await answerDatagrams(fabric, backEnds, loadBalancer.pools);
      }),
      controller.createLoadBalancer(loadBalancer),
    ]);
    const health = request.health && stack.use(await startHealthManager(fabric, controller, request.health));
    times.deployedMs = elapsedMs();
    const { credentials } = identity;
    const parts = {
      ...{ name, fabric, network, compute, controller, driver, credentials, settings, times },
      ...(health && { health }),
    };
    return new Lab(parts, loadBalancer.id, stack.move());
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

  /** Of its port on the VIP's network; undefined where it has none. */
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

async function backEndCertificate({ serverAuthority }: ControllerIdentity): Promise<string> {
  const { cert, key } = await serverAuthority.issue('backend', 'server');
  return `${cert}${key}`;
}

/** `lab-` and six hexadecimal digits. */
export function newLabName(): string {
  return `lab-${randomBytes(3).toString('hex')}`;
}
