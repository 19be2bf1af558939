import { powerOff } from '../faults/power-off.ts';
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
  readonly fault: {
    /** Injected at the run's phase after an advertisement of the master. */
    powerOff(amphora: LabAmphora): Promise<LabObservation>;
  };
  /** Each waits for what it names, and becomes a check of the run. */
  readonly expect: {
    advertisementFrom(amphora: LabAmphora, after: LabObservation): Promise<void>;
    vipOn(amphora: LabAmphora, after: LabObservation): Promise<void>;
    gratuitousArpFrom(amphora: LabAmphora, after: LabObservation): Promise<void>;
    neighbourAt(amphora: LabAmphora, after: LabObservation): Promise<void>;
    servedBy(amphora: LabAmphora, after: LabObservation): Promise<void>;
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
  const limitMs = 4000 * lab.parts.settings.keepalived_vrrp.vrrp_advert_int + SLACK_MS;
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

  return {
    lab,
    master: input.master,
    backup: input.backup,
    fault: {
      powerOff: async (amphora) => {
        await input.atPhase();
        const fault = await powerOff(lab.fabric, amphora);
        log.append(fault);
        return fault;
      },
    },
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
    },
  };
}

function fromPort(entry: Observation, port: string): entry is Extract<Observation, { kind: 'frame' }> {
  return entry.kind === 'frame' && entry.port === port && entry.direction === 'in';
}
