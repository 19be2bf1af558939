/** How a lab is made: the ground, the machines on it, the controller above them, and what is deployed. */

import { Controller } from '../../src/controller/controller.ts';
import type { Amphora } from '../../src/domain/amphora.ts';
import type { LoadBalancer } from '../../src/domain/load-balancer.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { RETRY } from '../../src/driver/client.ts';
import { connectionsWithin } from '../../src/driver/connection-limit.ts';
import { AmphoraDriver } from '../../src/driver/driver.ts';
import type { ClientCredentials } from '../../src/driver/endpoint.ts';
import type { Renderers } from '../../src/driver/renderers.ts';
import { readFileReference } from '../../src/driver/secret.ts';
import { bootFiles } from '../../src/flows/boot-files.ts';
import { type ControllerIdentity, createIdentity } from '../../src/flows/certificate-authority.ts';
import type { BootFile } from '../../src/flows/compute.ts';
import type { TaskListener } from '../../src/flows/flow.ts';
import type { AmphoraToBoot } from '../../src/flows/services.ts';
import type { HealthManager } from '../../src/health/health-manager.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { AGENTS, type AgentDescription } from '../system/agents.ts';
import { backEndsFor, startBackEnds } from './backends.ts';
import { BOOT_RETRY, LabCompute } from './compute.ts';
import { answerDatagrams } from './datagram-backends.ts';
import type { Engine } from './engine/engine.ts';
import { newLabName } from './engine/labels.ts';
import { startReaper } from './engine/reaper.ts';
import { Fabric, LabGone } from './fabric/fabric.ts';
import { type HealthRequest, healthSettings, startHealthManager } from './health.ts';
import type { Images } from './images/images.ts';
import { requireIpvs } from './ipvs.ts';
import type { LabTimes } from './lab.ts';
import { buildNetwork, LabNetwork } from './network.ts';
import { requireInOctavia } from './renderers/octavia-renderers.ts';
import { openRenderers } from './renderers/renderers.ts';
import { labPlan } from './subnets.ts';

const LAB_RETRY = {
  ...RETRY,
  boot: BOOT_RETRY,
  failover: { attempts: 2, intervalMs: 200 },
};

export interface LabRequest {
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
}

/** What a lab consists of. */
export interface Parts {
  readonly name: string;
  readonly fabric: Fabric;
  readonly network: LabNetwork;
  readonly compute: LabCompute;
  readonly controller: Controller;
  readonly driver: AmphoraDriver;
  readonly credentials: ClientCredentials;
  readonly settings: Settings;
  readonly agents: AgentDescription;
  readonly times: LabTimes;
  readonly health?: HealthManager;
}

interface Ground {
  readonly request: LabRequest;
  readonly name: string;
  /** With the subnets that its file left out. */
  readonly loadBalancer: LoadBalancer;
  readonly plan: ReturnType<typeof labPlan>;
  readonly backEnds: ReturnType<typeof backEndsFor>;
  /** The fabric with its network built: still on its way, as containers are started meanwhile. */
  readonly wired: Promise<Fabric>;
  /** Ends the fabric, which kills the machines. */
  readonly end: () => Promise<void>;
  /** The lab's end: nobody answers then, however long one waits. */
  readonly gone: AbortSignal;
  readonly elapsedMs: () => number;
}

/** The switch, the router and the client begin to be there. */
export function layGround(request: LabRequest, stack: AsyncDisposableStack): Ground {
  const { engine, images } = request;
  const startedMs = performance.now();
  if (images.system.agent === 'octavia') requireInOctavia(request.settings);
  const plan = labPlan(request.loadBalancer);
  const backEnds = backEndsFor(request.loadBalancer.pools);
  const name = request.name ?? newLabName();
  stack.use(startReaper(engine));
  const starting = Fabric.start(engine, { lab: name, image: images.fabric });
  const end = async () => (await starting.catch(() => undefined))?.[Symbol.asyncDispose]();
  stack.defer(end);
  const wired = starting.then(async (fabric) => {
    await buildNetwork(fabric, { subnets: plan.subnets, management: true });
    return fabric;
  });
  wired.catch(() => {});
  const gone = new AbortController();
  starting.then(
    ({ ended }) => ended.then(() => gone.abort(new LabGone())),
    () => {},
  );
  const loadBalancer = { ...request.loadBalancer, additional_vips: plan.additionalVips };
  return {
    ...{ request, name, loadBalancer, plan, backEnds, wired, end },
    gone: gone.signal,
    elapsedMs: () => performance.now() - startedMs,
  };
}

interface Machines {
  readonly compute: LabCompute;
  readonly identity: ControllerIdentity;
  /** What an amphora boots with. */
  readonly filesOf: (amphora: AmphoraToBoot) => Promise<readonly BootFile[]>;
  /** Booting; the controller takes them. */
  readonly spares: Promise<unknown>;
}

/** The amphorae begin to boot, before the controller asks for them. */
export async function bootMachines(
  { request, name, loadBalancer, wired, end }: Ground,
  stack: AsyncDisposableStack,
): Promise<Machines> {
  const { engine, images, health, imageFiles = [] } = request;
  const compute = new LabCompute({ engine, lab: name, image: images.amphora, fabric: wired });
  const identity = await createIdentity();
  stack.defer(async () => void (await Promise.all([compute.deleteAll(), end()])));
  const healthManager = health && healthSettings(health);
  const filesOf = async (amphora: AmphoraToBoot) => [
    ...imageFiles,
    ...(await bootFiles({ ...amphora, identity, healthManager })),
  ];
  await requireIpvs(wired, loadBalancer);
  const { topology } = loadBalancer;
  const spares = compute.prepareSpares(topology === 'SINGLE' ? 1 : 2, (amphoraId) =>
    filesOf({ amphoraId, topology }),
  );
  spares.catch(() => {});
  return { compute, identity, filesOf, spares };
}

/** What renders for the amphorae begins to be there; Python takes as long to import as an amphora to boot. */
async function startRenderers(
  { request: { engine, images }, name }: Ground,
  compute: LabCompute,
  stack: AsyncDisposableStack,
): Promise<Renderers> {
  const nameOf = ({ id }: Amphora) => compute.instances.find(({ amphoraId }) => amphoraId === id)?.name ?? '';
  return stack.use(await openRenderers(engine, name, images, nameOf));
}

type Control = Pick<Parts, 'controller' | 'driver' | 'network' | 'settings' | 'times'>;

/** The controller and its services stand. */
export async function takeControl(
  ground: Ground,
  { compute, identity, filesOf }: Machines,
  stack: AsyncDisposableStack,
): Promise<Control> {
  const { request, plan, wired, gone, elapsedMs } = ground;
  const [fabric, renderers] = await Promise.all([wired, startRenderers(ground, compute, stack)]);
  const driver = stack.use(
    new AmphoraDriver(identity.credentials, {
      ...{ readSecret: readFileReference, retry: LAB_RETRY, signal: gone, renderers },
      split: request.settings.split,
    }),
  );
  const { hardFileLimit } = await fabric.hostLimits();
  const settings: Settings = {
    ...request.settings,
    haproxy_maxconn: Math.min(request.settings.haproxy_maxconn, connectionsWithin(hardFileLimit)),
  };
  const network = new LabNetwork(fabric, (computeId) => compute.instance(computeId), plan);
  const times: LabTimes = { networkReadyMs: Number.NaN, agentsReadyMs: Number.NaN, deployedMs: Number.NaN };
  const controller = new Controller({
    ...{ compute, network, driver, settings, bootFiles: filesOf },
    issueCertificate: (amphoraId) => issued(identity, amphoraId),
    store: stack.use(openStore(':memory:')),
    onTask: (task) => {
      if (task.name === 'AmphoraComputeConnectivityWait') times.agentsReadyMs = elapsedMs();
      request.onTask?.(task);
    },
  });
  return { controller, driver, network, settings, times };
}

/** The load balancer is created, with members that answer. */
export async function deploy(
  { request, name, loadBalancer, plan, backEnds, wired, elapsedMs }: Ground,
  { compute, identity, spares }: Machines,
  control: Control,
  stack: AsyncDisposableStack,
): Promise<Parts> {
  const fabric = await wired;
  const { controller, times } = control;
  await Promise.all([
    spares.then(() => {
      times.networkReadyMs = elapsedMs();
    }),
    issued(identity, 'backend').then(async (certificate) => {
      await startBackEnds(fabric, backEnds, plan.subnets, certificate);
      await answerDatagrams(fabric, backEnds, loadBalancer.pools);
    }),
    controller.createLoadBalancer(loadBalancer),
  ]);
  const health = request.health && stack.use(await startHealthManager(fabric, controller, request.health));
  times.deployedMs = elapsedMs();
  const { credentials } = identity;
  const agents = AGENTS[request.images.system.agent ?? 'own'];
  return { ...control, ...{ name, fabric, compute, credentials, agents }, ...(health && { health }) };
}

/** A server's certificate with its key, PEM. */
async function issued({ serverAuthority }: ControllerIdentity, name: string): Promise<string> {
  const { cert, key } = await serverAuthority.issue(name, 'server');
  return `${cert}${key}`;
}
