import { drop, dropNothing } from '../faults/drop.ts';
import { cutPort, interfaceDown } from '../faults/port.ts';
import { killInstance, powerOff } from '../faults/power-off.ts';
import { type AmphoraProcess, signalProcess } from '../faults/process.ts';
import type { Lab, LabAmphora } from '../lab/lab.ts';
import type { LabObservation, Observation } from '../observe/observation.ts';
import type { ObservationLog } from '../observe/observation-log.ts';
import type { RunResult } from '../report/result.ts';

/** The words that scenarios are told in. */
export interface Story {
  readonly lab: Lab;
  /** Holds the VIP when the story begins. */
  readonly master: LabAmphora;
  readonly backup: LabAmphora;
  /** Each strikes at the run's phase after an advertisement of the master, and gives its instants. */
  readonly fault: {
    powerOff(amphora: LabAmphora): Promise<LabObservation>;
    killInstance(amphora: LabAmphora): Promise<LabObservation>;
    cutPort(amphora: LabAmphora): Promise<LabObservation>;
    interfaceDown(amphora: LabAmphora): Promise<LabObservation>;
    kill(process: AmphoraProcess, amphora: LabAmphora): Promise<LabObservation>;
    /** SIGSTOP: the processes live and do nothing. */
    hang(process: AmphoraProcess, amphora: LabAmphora): Promise<LabObservation>;
    /** The switch loses every advertisement between the amphorae. */
    loseAdvertisements(): Promise<LabObservation>;
    /** The switch loses the VIP's announcements by this amphora. */
    loseGratuitousArpFrom(amphora: LabAmphora): Promise<LabObservation>;
    /** Through the agent: keepalived says farewell with priority 0. */
    stopKeepalived(amphora: LabAmphora): Promise<LabObservation>;
  };
  /** What an operator does to a pair that is well. */
  readonly change: {
    reloadKeepalived(amphora: LabAmphora): Promise<LabObservation>;
    reloadHaproxy(amphora: LabAmphora): Promise<LabObservation>;
  };
  readonly heal: {
    /** The switch forwards everything again. */
    loseNothing(): Promise<LabObservation>;
  };
  /** Each waits for what it names, and becomes a check of the run. */
  readonly expect: {
    advertisementFrom(amphora: LabAmphora, after: LabObservation): Promise<void>;
    vipOn(amphora: LabAmphora, after: LabObservation): Promise<void>;
    gratuitousArpFrom(amphora: LabAmphora, after: LabObservation): Promise<void>;
    neighbourAt(amphora: LabAmphora, after: LabObservation): Promise<void>;
    servedBy(amphora: LabAmphora, after: LabObservation): Promise<void>;
    vipGoneFrom(amphora: LabAmphora, after: LabObservation): Promise<void>;
    /** For so many advertisement intervals after the fault, the VIP is neither added nor removed anywhere. */
    vipStays(after: LabObservation, intervals: number): Promise<void>;
  };
}

/** Slack over the master-down interval until an expectation gives up. */
const SLACK_MS = 8000;

/** Gives a scenario its words, bound to a lab and its history. */
export function tell(input: {
  readonly lab: Lab;
  readonly log: ObservationLog;
  readonly master: LabAmphora;
  readonly backup: LabAmphora;
  readonly checks: RunResult['checks'];
  /** Resolves at the instant of the run's phase. */
  readonly atPhase: () => Promise<void>;
}): Story {
  const { lab, log, checks } = input;
  const vip = lab.deployment.vip.ip_address;
  const { vrrp_advert_int, vrrp_check_interval, vrrp_fail_count } = lab.parts.settings.keepalived_vrrp;
  const advertIntMs = vrrp_advert_int * 1000;
  const limitMs = 4 * advertIntMs + 2000 * vrrp_check_interval * vrrp_fail_count + SLACK_MS;
  const macOf = (amphora: LabAmphora) =>
    lab.parts.network.ports.find((port) => port.computeId === amphora.compute_id)?.macAddress;

  const expectation =
    (name: string, match: (entry: Observation, amphora: LabAmphora) => boolean) =>
    async (amphora: LabAmphora, after: LabObservation): Promise<void> => {
      const { instance } = amphora;
      const check = name.replace('{}', instance.name);
      try {
        const seen = await log.waitFor({
          what: check,
          limitMs,
          sinceNs: BigInt(after.atNs),
          match: (entry): entry is Observation => match(entry, amphora),
        });
        const sinceMs = Number(BigInt(seen.atNs) - BigInt(after.atNs)) / 1e6;
        checks.push({ name: check, status: 'passed', detail: `${sinceMs.toFixed(1)} ms after the fault` });
      } catch (error) {
        checks.push({ name: check, status: 'failed', detail: (error as Error).message });
        throw error;
      }
    };

  const { driver } = lab.parts;
  const { fabric } = lab;
  const recorded = async (act: () => Promise<LabObservation>): Promise<LabObservation> => {
    const entry = await act();
    log.append(entry);
    return entry;
  };
  const inject = async (act: () => Promise<LabObservation>): Promise<LabObservation> => {
    await input.atPhase();
    return recorded(act);
  };

  return {
    lab,
    master: input.master,
    backup: input.backup,
    fault: {
      powerOff: (amphora) => inject(() => powerOff(fabric, amphora)),
      killInstance: (amphora) => inject(() => killInstance(fabric, amphora)),
      cutPort: (amphora) => inject(() => cutPort(fabric, amphora)),
      interfaceDown: (amphora) => inject(() => interfaceDown(fabric, amphora)),
      kill: (process, amphora) => inject(() => signalProcess(fabric, amphora, process, 'KILL')),
      hang: (process, amphora) => inject(() => signalProcess(fabric, amphora, process, 'STOP')),
      loseAdvertisements: () => inject(() => drop(fabric, { kind: 'advertisements' })),
      loseGratuitousArpFrom: (from) =>
        inject(() => drop(fabric, { kind: 'gratuitous ARP', from, address: vip })),
      stopKeepalived: (amphora) =>
        inject(() => asked('keepalived stopped', amphora, () => driver.vrrp(amphora, 'stop'))),
    },
    change: {
      reloadKeepalived: (amphora) =>
        inject(() => asked('keepalived reloaded', amphora, () => driver.vrrp(amphora, 'reload'))),
      reloadHaproxy: (amphora) =>
        inject(() =>
          asked('HAProxy reloaded', amphora, () =>
            driver.haproxy(amphora, lab.deployment.loadBalancer.id, 'reload'),
          ),
        ),
    },
    heal: { loseNothing: () => recorded(() => dropNothing(fabric)) },
    expect: {
      advertisementFrom: expectation(
        'advertisement from {}',
        (entry, { instance, vrrp_ip }) =>
          fromPort(entry, instance.name) && entry.frame.type === 'vrrp' && entry.frame.sourceIp === vrrp_ip,
      ),
      vipOn: expectation(
        'VIP on {}',
        (entry, { instance }) =>
          entry.kind === 'address' &&
          entry.node === instance.name &&
          entry.address === vip &&
          entry.change === 'added',
      ),
      gratuitousArpFrom: expectation(
        'gratuitous ARP from {}',
        (entry, { instance }) =>
          fromPort(entry, instance.name) &&
          entry.frame.type === 'arp' &&
          entry.frame.gratuitous &&
          entry.frame.senderIp === vip,
      ),
      neighbourAt: expectation(
        "router's neighbour entry at {}",
        (entry, amphora) =>
          entry.kind === 'neighbour' &&
          entry.node === 'router' &&
          entry.address === vip &&
          entry.mac === macOf(amphora),
      ),
      servedBy: expectation(
        'request served by {}',
        (entry, { vrrp_ip }) => entry.kind === 'request' && entry.servedBy === vrrp_ip,
      ),
      vipGoneFrom: expectation(
        'VIP gone from {}',
        (entry, { instance }) =>
          entry.kind === 'address' &&
          entry.node === instance.name &&
          entry.address === vip &&
          entry.change === 'removed',
      ),
      vipStays: async (after, intervals) => {
        const limitNs = BigInt(after.atNs) + BigInt(Math.round(intervals * advertIntMs * 1e6));
        const name = `the VIP stays for ${intervals} advertisement intervals`;
        // The prober's requests are the clock: each of them carries its instant.
        const seen = await log.waitFor({
          what: 'a request',
          limitMs: intervals * advertIntMs + SLACK_MS,
          sinceNs: BigInt(after.atNs),
          match: (entry): entry is Observation =>
            (entry.kind === 'address' && entry.address === vip) ||
            (entry.kind === 'request' && BigInt(entry.atNs) >= limitNs),
        });
        const moved = seen.kind === 'address' ? `${vip} ${seen.change} on ${seen.node}` : undefined;
        checks.push({ name, status: moved ? 'failed' : 'passed', detail: moved ?? 'nothing moved' });
        if (moved) throw new Error(`${name}: ${moved}`);
      },
    },
  };
}

/** What an agent does when it is asked to, as an entry of the history. */
async function asked(
  name: string,
  { instance }: LabAmphora,
  act: () => Promise<void>,
): Promise<LabObservation> {
  const atNs = String(BigInt(Date.now()) * 1_000_000n);
  await act();
  const doneNs = String(BigInt(Date.now()) * 1_000_000n);
  return { kind: 'lab', what: 'fault', name, node: instance.name, atNs, doneNs, detail: 'through its agent' };
}

function fromPort(entry: Observation, port: string): entry is Extract<Observation, { kind: 'frame' }> {
  return entry.kind === 'frame' && entry.port === port && entry.direction === 'in';
}
