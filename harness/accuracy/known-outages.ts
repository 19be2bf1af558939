import type { StepRunner } from '../fabric/fabric.ts';
import type { StepResult } from '../fabric/protocol.ts';
import { BACK_ENDS_PID } from '../lab/backends.ts';
import type { Lab } from '../lab/lab.ts';
import type { RequestObservation } from '../observe/observation.ts';
import type { ObservationLog } from '../observe/observation-log.ts';
import type { Probe } from '../scenario/probes.ts';
import { longestGap, longestSilence } from '../timeline/timeline.ts';

/** Outages that are made without VRRP, so that their length is known. */
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
  /** The same as a client sees it by the sending of its requests. */
  readonly trueRequestsMs: number;
  /** Absent where packets notice nothing of it. */
  readonly packetsMs?: number;
  readonly requestsMs: number;
}

/** From the asking to the making: the fabric has its programs waiting by then. */
const LEAD_MS = 150;
/** What is looked at around it. */
const AROUND_MS = 60;
const READ_LIMIT_MS = 10_000;

/** Makes one outage of known length, and measures it as every run is measured. */
export async function makeKnownOutage(request: {
  readonly lab: Lab;
  readonly log: ObservationLog;
  readonly kind: KnownKind;
  readonly wantedMs: number;
  readonly probe: Probe;
  /** Resolves when the packet prober's capture has been read up to now. */
  readonly packetsRead: () => Promise<void>;
}): Promise<KnownOutage> {
  const { lab, log, kind, wantedMs, probe } = request;
  const maker = await makerOf(kind, lab);
  const fromNs = BigInt(Date.now() + LEAD_MS) * 1_000_000n;
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
  const at = (entry: { atNs: string }) => Number(BigInt(entry.atNs)) / 1e6;
  const silence = longestSilence(log.entries, began.atMs - AROUND_MS, end.atMs, at);
  const requests = log.entries
    .filter((entry) => entry.kind === 'request')
    .filter((entry) => at(entry) >= began.atMs - AROUND_MS && at(entry) <= end.atMs + AROUND_MS)
    .sort((a, b) => a.sequence - b.sequence);
  const gap = longestGap(requests);
  const firstAnswerMs = Math.min(...answeredAfter(requests, end.atMs));
  return {
    kind,
    wantedMs,
    trueMs,
    trueUncertaintyMs: (began.widthMs + end.widthMs) / 2,
    // What is held, not lost, is answered late: those who asked within their patience before the end are served.
    trueRequestsMs: kind === 'port cut' ? trueMs : Math.max(0, firstAnswerMs - began.atMs - probe.timeoutMs),
    ...(kind !== 'answer delayed' && { packetsMs: silence ? silence.toMs - silence.fromMs : 0 }),
    // Between the last answered and the first there lie the outage and, on average, one spacing.
    requestsMs: gap ? Math.max(0, at(gap.to) - at(gap.from) - probe.intervalMs) : 0,
  };
}

interface Maker {
  readonly begin: (at: StepRunner) => Promise<readonly StepResult[]>;
  readonly end: (at: StepRunner) => Promise<readonly StepResult[]>;
  /** Puts things back that are no part of the outage. */
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
      return { begin: (at) => at.run(state(0)), end: (at) => at.run(state(3)) };
    }
    case 'ARP reply held': {
      const vip = lab.deployment.vip.ip_address;
      const neighbour = (command: string) => ({
        argv: ['ip', '-n', 'router', '-batch', '-'],
        stdin: `neigh ${command}\n`,
      });
      const [entry] = await lab.fabric.run({ argv: ['ip', '-n', 'router', '-j', 'neigh', 'show', vip] });
      const known = JSON.parse(entry?.stdout || '[]') as { lladdr?: string }[];
      const mac = known.find(({ lladdr }) => lladdr)?.lladdr;
      if (!mac) throw new Error(`The router has no neighbour entry for ${vip}, though it serves.`);
      // No ARP of the amphorae reaches the router meanwhile; the reply that is held comes from us, at its instant.
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
        after: () => lab.fabric.run({ argv: nft, stdin: 'delete table bridge held\n' }),
      };
    }
    case 'answer delayed': {
      const [file] = await lab.fabric.run({ argv: ['cat', BACK_ENDS_PID] });
      const pid = Number(file?.stdout.trim());
      return {
        begin: (at) => at.run({ signal: 'SIGSTOP', pid }),
        end: (at) => at.run({ signal: 'SIGCONT', pid }),
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

/** When the requests that were answered after an instant were: the pile is worked off in its order. */
function answeredAfter(requests: readonly RequestObservation[], afterMs: number): readonly number[] {
  return requests
    .filter(({ outcome }) => outcome === 'answered')
    .map(({ endNs }) => Number(BigInt(endNs)) / 1e6)
    .filter((endMs) => endMs >= afterMs);
}

/** Resolves when a request that was sent after this instant has been answered. */
async function settled(log: ObservationLog, afterNs: bigint): Promise<void> {
  await log.waitFor({
    what: 'a request answered after the outage',
    limitMs: READ_LIMIT_MS,
    sinceNs: afterNs,
    match: (entry): entry is (typeof log.entries)[number] =>
      entry.kind === 'request' && entry.outcome === 'answered',
  });
}
