import { requestsOf } from '../../analysis/timeline/answers.ts';
import {
  lengthOf,
  longest,
  type Outage,
  packetOutages,
  requestOutages,
} from '../../analysis/timeline/outage.ts';
import type { StepRunner } from '../../lab/fabric/fabric.ts';
import type { StepResult } from '../../lab/fabric/protocol.ts';
import { BACK_ENDS_PID } from '../../lab/fabric/protocol.ts';
import type { Lab } from '../../lab/lab.ts';
import type { ObservationLog } from '../../observations/observation-log.ts';
import { first } from '../../observations/waits.ts';
import type { Probe } from '../../scenario/world/probes.ts';

/** Makes outages without VRRP, so that their length is known. */
export const KINDS = ['port cut', 'ARP reply held', 'answer delayed'] as const;
export type KnownKind = (typeof KINDS)[number];

/** What was made, and what the pipeline of every run measured of it, ms. */
export interface KnownOutage {
  readonly kind: KnownKind;
  readonly wantedMs: number;
  /** Between the instants at which it was made and ended. */
  readonly trueMs: number;
  /** Half of what making and ending it took: the most that the truth itself can be off. */
  readonly trueUncertaintyMs: number;
  /**
   * What was held meanwhile gets through one by one, and the first answer to a request may come so much later; absent
   * where nobody knows how long that takes.
   */
  readonly releaseMs?: number;
  /** Absent where packets notice nothing of it. */
  readonly packetsMs?: number;
  readonly requestsMs: number;
  /** The most that the spacing of the requests makes that uncertain, as a run would say. */
  readonly requestsUncertaintyMs: number;
}

/** Time between asking and making: the fabric has its programs waiting by then. */
const LEAD_MS = 150;
/** What is observed around it. */
const AROUND_MS = 60;
const READ_LIMIT_MS = 10_000;

/** Makes one outage of known length, and measures it as every run is measured. */
export async function makeKnownOutage(request: {
  readonly lab: Lab;
  readonly log: ObservationLog;
  readonly kind: KnownKind;
  readonly wantedMs: number;
  readonly probe: Probe;
  /** Shifts it against the requests, whose answers set it off: 0 to one spacing. */
  readonly shiftMs: number;
  /** Resolves when the packet prober's capture has been read up to the present. */
  readonly packetsRead: () => Promise<void>;
}): Promise<KnownOutage> {
  const { lab, log, kind, wantedMs, probe, shiftMs } = request;
  const maker = await makerOf(kind, lab);
  const fromNs = BigInt(Math.round((Date.now() + LEAD_MS + shiftMs) * 1000)) * 1000n;
  const toNs = fromNs + BigInt(Math.round(wantedMs * 1e6));
  const [begun, ended] = await Promise.all([
    maker.begin(lab.fabric.at(fromNs)),
    maker.end(lab.fabric.at(toNs)),
  ]);
  const [began, end] = [struckAt(begun), struckAt(ended)];
  const trueMs = end.atMs - began.atMs;
  await maker.after?.();
  await settled(log, BigInt(Math.round((end.atMs + AROUND_MS + probe.timeoutMs) * 1e6)));
  await request.packetsRead();
  const clock = (atNs: string) => Number(BigInt(atNs) - fromNs) / 1e6;
  const requests = requestsOf(log.entries);
  const [fromMs, toMs] = [began.atMs, end.atMs].map((atMs) => atMs - Number(fromNs) / 1e6);
  const here = <T extends Outage>(outages: readonly T[]) =>
    longest(outages.filter((each) => each.fromMs >= (fromMs ?? 0) - AROUND_MS && each.fromMs <= (toMs ?? 0)));
  const silences = packetOutages(log.entries, clock);
  const silence = here(silences);
  const gap = here(
    requestOutages(requests, clock, {
      spacingMs: probe.intervalMs,
      steadyUntilMs: fromMs ?? 0,
      silences,
    }),
  );
  return {
    kind,
    wantedMs,
    trueMs,
    trueUncertaintyMs: (began.widthMs + end.widthMs) / 2,
    ...(maker.release !== 'unknown' && { releaseMs: maker.release === 'queue' ? end.widthMs : 0 }),
    ...(kind !== 'answer delayed' && { packetsMs: silence ? lengthOf(silence) : 0 }),
    requestsMs: gap ? lengthOf(gap) : 0,
    requestsUncertaintyMs: gap?.uncertaintyMs ?? 0,
  };
}

interface Maker {
  readonly begin: (at: StepRunner) => Promise<readonly StepResult[]>;
  readonly end: (at: StepRunner) => Promise<readonly StepResult[]>;
  /** How held packets get through: none were held, the kernel sends its queue before the command returns, or unknown. */
  readonly release: 'nothing held' | 'queue' | 'unknown';
  /** Restores what is no part of the outage. */
  readonly after?: () => Promise<unknown>;
}

async function makerOf(kind: KnownKind, lab: Lab): Promise<Maker> {
  switch (kind) {
    case 'port cut': {
      // The state of the bridge's port (bridge(8)): frames stop and flow at once, and no carrier is lost.
      const state = (value: 0 | 3) => ({
        argv: ['ip', 'netns', 'exec', 'switch', 'bridge', '-batch', '-'],
        stdin: `link set dev router state ${value}\n`,
      });
      return { begin: (at) => at.run(state(0)), end: (at) => at.run(state(3)), release: 'nothing held' };
    }
    case 'ARP reply held': {
      const vip = lab.vip;
      const neighbour = (command: string) => ({
        argv: ['ip', '-n', 'router', '-batch', '-'],
        stdin: `neigh ${command}\n`,
      });
      const [entry] = await lab.fabric.run({ argv: ['ip', '-n', 'router', '-j', 'neigh', 'show', vip] });
      const known = JSON.parse(entry?.stdout || '[]') as { lladdr?: string }[];
      const mac = known.find(({ lladdr }) => lladdr)?.lladdr;
      if (!mac) throw new Error(`The router has no neighbour entry for ${vip}, though it serves.`);
      // No ARP of the amphorae reaches the router meanwhile; the testbed sends the held reply at its instant.
      const nft = ['ip', 'netns', 'exec', 'switch', 'nft', '-f', '-'];
      await lab.fabric.run({
        argv: nft,
        stdin: [
          'table bridge held {',
          '  chain forward {',
          '    type filter hook forward priority -20; policy accept;',
          '    iifname "amphora-*" oifname "router" ether type arp drop',
          '  }',
          '}',
          '',
        ].join('\n'),
      });
      return {
        begin: (at) => at.run(neighbour(`del ${vip} dev vip0`)),
        end: (at) => at.run(neighbour(`replace ${vip} lladdr ${mac} dev vip0 nud reachable`)),
        release: 'queue',
        after: () => lab.fabric.run({ argv: nft, stdin: 'delete table bridge held\n' }),
      };
    }
    case 'answer delayed': {
      const [file] = await lab.fabric.run({ argv: ['cat', BACK_ENDS_PID] });
      const pid = Number(file?.stdout.trim());
      return {
        begin: (at) => at.run({ signal: 'SIGSTOP', pid }),
        end: (at) => at.run({ signal: 'SIGCONT', pid }),
        // The back end first answers the requests that were given up meanwhile, then those that still wait.
        release: 'unknown',
      };
    }
  }
}

/**
 * The programs wait for their line, or the signal for its call: each takes effect equally soon after, so that the
 * difference of two such instants is known better than each of them.
 */
function struckAt([step]: readonly StepResult[]): { readonly atMs: number; readonly widthMs: number } {
  const [startedMs, doneMs] = [Number(step?.startedNs) / 1e6, Number(step?.doneNs) / 1e6];
  return { atMs: startedMs, widthMs: doneMs - startedMs };
}

/** Resolves when a request that was sent after this instant has been answered. */
async function settled(log: ObservationLog, afterNs: bigint): Promise<void> {
  await log.waitFor({
    what: 'a request answered after the outage',
    limitMs: READ_LIMIT_MS,
    sinceNs: afterNs,
    look: first((entry) => entry.kind === 'request' && entry.outcome === 'answered'),
  });
}
