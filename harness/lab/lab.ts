import type { Controller } from '../../src/controller/controller.ts';
import type { Amphora } from '../../src/domain/amphora.ts';
import type { Deployment } from '../../src/domain/deployment.ts';
import type { ClientCredentials } from '../../src/driver/endpoint.ts';
import type { Program } from '../system/system.ts';
import type { ClientSides } from './addresses.ts';
import type { Instance } from './compute.ts';
import type { Fabric, Forward } from './fabric/fabric.ts';
import type { Asked } from './fabric/protocol.ts';

/** What runs on a machine of a pair; only an amphora has an agent. */
export type Service = Program | 'agent';

/** A machine's container while it runs. */
export interface Machine {
  /** Its name in the lab, which is that of its port in the switch: `amphora-1`, or `a`. */
  readonly name: string;
  readonly containerName: string;
  readonly containerId: string;
  /** Its process 1, as the engine's host counts. */
  readonly pid: number;
}

/** A machine that can hold the VIP. */
export interface LabNode {
  readonly id: string;
  readonly compute_id: string;
  /** Its own address, by which its peers know it. */
  readonly vrrp_ip: string;
  /** The interface with that address. */
  readonly vrrp_interface: string;
  readonly vrrp_priority: number;
  readonly instance: Machine;
}

/** An amphora as the controller and the lab know it together. */
export type LabAmphora = Amphora & { readonly instance: Instance };

/** What only amphorae have. */
export interface Octavia {
  readonly amphorae: readonly LabAmphora[];
  /** The operator's side of the load balancer. */
  readonly controller: Controller;
  readonly deployment: Deployment;
  /** What the controller shows to agents; PEM. */
  readonly credentials: ClientCredentials;
}

/** How long a pair takes to notice and to announce, by its configuration. */
export interface PairTiming {
  readonly advertIntMs: number;
  /** From one run of the check script to the next; 0 where nothing is checked. */
  readonly checkIntervalMs: number;
  /** How many runs in a row must fail. */
  readonly checkFall: number;
  /** So long a machine that could preempt waits first, at the most; absent where it does not. */
  readonly preemptDelayMs?: number;
  /** Announcements that are repeated while nothing happens; absent where they are not. */
  readonly refresh?: { readonly intervalMs: number; readonly repeat: number };
}

/** Durations of a lab's making, ms since it was asked for. */
export interface LabTimes {
  /** Namespaces, bridge and addresses are there, and both amphorae run. */
  networkReadyMs: number;
  agentsReadyMs: number;
  /** The controller's flows have ended; the VIP may still be on its way. */
  deployedMs: number;
}

/** Where the configurations are on a machine, as a pattern. */
export type ConfigurationFiles = Readonly<Record<Program, string>>;

/** Two or more machines that share an address, a switch, a router, a client and back ends. */
export interface Lab extends AsyncDisposable {
  readonly name: string;
  readonly fabric: Fabric;
  /** The machines that can hold the VIP, those without power too. */
  readonly nodes: readonly LabNode[];
  /** The address that clients ask. */
  readonly vip: string;
  /** The port that they ask; 0 where nothing listens. */
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
  /** How they ask, where that is not the testbed's own service. */
  readonly asked?: Asked | undefined;
  /** Where the clients are. */
  readonly clientSides: ClientSides;
  readonly timing: PairTiming;
  /** How long its making took, where it has agents. */
  readonly times?: Readonly<LabTimes>;
  /** The virtual router of the VIP, where others may speak on its network. */
  readonly routerId?: number | undefined;
  readonly files: ConfigurationFiles;
  /** keepalived.conf of a machine with all that it includes, where it may include files. */
  wholeKeepalived?(node: LabNode): string | undefined;
  /** So long a machine's check waits for a HAProxy that does not answer, ms; null where nobody knows. Absent for Octavia's check. */
  checkWaitsMs?(node: LabNode): number | null;
  /** HAProxy's, as a machine knows it; absent where it has none. */
  readonly statsSocket?: string | undefined;
  /** How an operator starts and stops services, to complete a sentence: `through its agent`. */
  readonly operated: string;
  /** The controller and the agents. @throws NoController where there are none */
  readonly octavia: Octavia;
  /**
   * Resolves once the health manager has heard every machine: it never replaces one that it has not heard. Absent where there
   * may be no health manager.
   *
   * @throws when it has not within the limit
   */
  heard?(limitMs: number): Promise<void>;
  /** A machine as it is now: one that has booted has another process 1. */
  current(node: LabNode): LabNode;
  /** MAC of the interface with its own address; undefined where it has none. */
  macOf(node: LabNode): string | undefined;
  /** Puts a command of the fabric into a machine: its files and its systemd. */
  inside(node: LabNode, ...argv: readonly string[]): string[];
  /** Puts a command of the fabric into the network namespace that serves the VIP; its files are the fabric's. */
  besideVip(node: LabNode, ...argv: readonly string[]): string[];
  /** The own address of the machine that a back end sees under this address; undefined where that shows no machine. */
  ownAddressOf(seen: string | undefined): string | undefined;
  /** Units of a service as systemd's pattern. */
  unitOf(service: Service): string;
  /** What finds all processes of a service (arguments of pkill(1)). */
  processesOf(service: Service): readonly string[];
  /** Ports of a machine in the switch, the one with its own address first. */
  portsOf(node: LabNode): readonly string[];
  /** The step that takes ports of the switch down, or up. Read from its input, it waits for its instant: see Fabric.at. */
  switchPort(names: string | readonly string[], state: 'up' | 'down'): { argv: string[]; stdin: string };
  /** What the operator of the machine does with a service. */
  operate(node: LabNode, program: Program, action: 'start' | 'stop' | 'reload'): Promise<void>;
  /** Brings the interface with its own address up again, with its addresses and routes. */
  restoreInterface(node: LabNode): Promise<void>;
  /** A 127.0.0.1 port that leads to a port of the VIP, from the client's namespace. */
  forwardVip(port: number): Promise<Forward>;
  /** Stops everything in a machine between two instructions (the cgroup freezer). */
  freeze(node: LabNode): Promise<void>;
  thaw(node: LabNode): Promise<void>;
  /** @param share of one core, and no more (CFS quota); no limit where it is absent */
  limitCpu(node: LabNode, share?: number): Promise<void>;
  /**
   * Reboots a machine; its NICs are back when this resolves, its services come back by themselves.
   * `nodes` holds its new process from then on.
   *
   * @param how `orderly` lets systemd stop what runs (keepalived says farewell), `reset` leaves it no time
   */
  reboot(node: LabNode, how: 'orderly' | 'reset'): Promise<void>;
  /**
   * Gives a machine that has lost power its power back; resolves when its keepalived takes part again.
   *
   * @throws NotReturned
   */
  boot(node: LabNode): Promise<void>;
  /** Has a listener called before `boot` resolves, until it is disposed of: what watched the machine ended with its power. */
  onBoot(listener: (node: LabNode) => Promise<void>): Disposable;
  /** Boots every machine that has lost power. @throws NotReturned */
  revive(): Promise<void>;
  /** Versions of what runs, as far as a machine's agent names them. */
  versionsOf(node: LabNode): Promise<Readonly<Record<string, string>>>;
  /** Destroys the lab: resolves when its containers are gone. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The pair has neither controller nor agents: a story that asks them is not told. */
export class NoController extends Error {
  override readonly name = 'NoController';
}

/** The step that takes ports of the switch down, or up. */
export function portStep(
  names: string | readonly string[],
  state: 'up' | 'down',
): { argv: string[]; stdin: string } {
  // A short name could be taken for a word of ip(8).
  const lines = [names].flat().map((name) => `link set dev ${name} ${state}\n`);
  return { argv: ['ip', '-n', 'switch', '-batch', '-'], stdin: lines.join('') };
}
