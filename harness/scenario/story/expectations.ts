import { urlHost } from '../../../src/domain/url-host.ts';
import { PATHS } from '../../../src/templates/paths.ts';
import { STRANGER_MAC } from '../../faults/stranger.ts';
import { clientVisits, type Visits } from '../../lab/clients.ts';
import type { Connections } from '../../lab/connections.ts';
import type { DownloadState, Downloads } from '../../lab/downloads.ts';
import { inAmphora } from '../../lab/enter.ts';
import type { LabAmphora } from '../../lab/lab.ts';
import { tableEntries } from '../../lab/stick-tables.ts';
import type { LabObservation, Observation } from '../../observe/observation.ts';
import { requestsToSettle } from '../probes.ts';
import { refreshesOf } from './refreshes.ts';
import { advertIntMs, checked, holdersOf, limitMs, sinceMs, type World } from './world.ts';

type AboutAmphora = (amphora: LabAmphora, after: LabObservation) => Promise<void>;

/** Each waits for what it names, and becomes a check of the run. */
export interface Expectations {
  readonly advertisementFrom: AboutAmphora;
  /** An advertisement with priority 0. */
  readonly farewellFrom: AboutAmphora;
  readonly vipOn: AboutAmphora;
  readonly vipGoneFrom: AboutAmphora;
  /** This one holds the VIP and no other does. */
  readonly soleHolder: AboutAmphora;
  /** Gratuitous ARP for an IPv4 address, an unsolicited neighbour advertisement for an IPv6 one. */
  readonly announcementFrom: AboutAmphora;
  readonly neighbourAt: AboutAmphora;
  /** The router took a stranger for the VIP's holder; gives the instant. */
  strangerBelieved(after: LabObservation): Promise<LabObservation>;
  readonly servedBy: AboutAmphora;
  /** The load balancer is ACTIVE, with two amphorae, none of which is this one; clients are served by one of them. */
  readonly replaced: AboutAmphora;
  /** The same, without anybody asking for it. */
  readonly replacedByItself: AboutAmphora;
  /** For so many advertisement intervals after it, the VIP is neither added nor removed anywhere. */
  vipStays(after: LabObservation, intervals: number): Promise<void>;
  /**
   * Of those that are whole, at most one holds the VIP where they hear each other; clients are served, where
   * one is whole at all. By the time that everything has settled.
   */
  pairAgrees(whole: readonly LabAmphora[], hearing: boolean): Promise<void>;
  /** Both amphorae have the same haproxy.cfg. */
  sameConfiguration(): Promise<void>;
  /** For so many seconds nobody is served. */
  unserved(after: LabObservation, seconds: number): Promise<void>;
  /** From then on until now, every request was answered. */
  noRequestLost(after: LabObservation): Promise<void>;
  /** At most so many were not. */
  fewRequestsLost(after: LabObservation, most: number): Promise<void>;
  /** The holder repeats its announcement as its configuration says. */
  announcementsRepeated(amphora: LabAmphora, after: LabObservation): Promise<void>;
  /** The stick tables of this amphora hold so many entries; how long that took is `peerSyncLag`. */
  tableEntries(amphora: LabAmphora, least: number): Promise<void>;
  /** It holds no more than so many, however long one waits. */
  tableLacks(amphora: LabAmphora, most: number, after: LabObservation): Promise<void>;
  /** Clients that come again meet the member that they met then. */
  sameMembers(visits: Visits): Promise<void>;
  /** So many of the connections have been cut. */
  connectionsCut(connections: Connections, least: number, most: number): Promise<void>;
  /** Each of the downloads is in that state. */
  downloadsAre(state: DownloadState, downloads: Downloads): Promise<void>;
  /** The port of the VIP answers, or does not, to a new client. */
  portAnswers(port: number, answers: boolean): Promise<void>;
  /** Another address of the load balancer answers. */
  addressAnswers(address: string): Promise<void>;
}

/** A heartbeat's time-out, a boot, a deployment. */
const REPLACEMENT_LIMIT_MS = 60_000;
/** So long a streak is no accident of a pair that has not settled. */
const SETTLED_REQUESTS = 50;
/** Clients that ask again this late after a change of the tables have given the peers their time. */
const QUIET_MS = 2000;

export function expectationsOf(world: World): Expectations {
  const { lab, log } = world;
  const vip = lab.deployment.vip.ip_address;
  const macOf = (amphora: LabAmphora) =>
    lab.parts.network.ports.find((port) => port.computeId === amphora.compute_id)?.macAddress;

  const expectation =
    (name: string, match: (entry: Observation, amphora: LabAmphora) => boolean): AboutAmphora =>
    (amphora, after) => {
      const what = name.replace('{}', amphora.instance.name);
      return checked(world, what, async () => {
        const seen = await log.waitFor({
          what,
          limitMs: limitMs(world),
          sinceNs: BigInt(after.atNs),
          match: (entry): entry is Observation => match(entry, amphora),
        });
        return { holds: true, detail: `${sinceMs(after, seen).toFixed(1)} ms after ${after.name}` };
      });
    };
  const addressChange =
    (change: 'added' | 'removed') =>
    (entry: Observation, { instance }: LabAmphora) =>
      entry.kind === 'address' &&
      entry.node === instance.name &&
      entry.address === vip &&
      entry.change === change;
  const vrrpFrom = (entry: Observation, { instance, vrrp_ip }: LabAmphora) =>
    entry.kind === 'frame' &&
    entry.direction === 'in' &&
    entry.port === instance.name &&
    entry.frame.type === 'vrrp' &&
    entry.frame.sourceIp === vrrp_ip
      ? entry.frame
      : undefined;
  const fewLost = (after: LabObservation, most: number) =>
    checked(world, most === 0 ? 'no request is lost' : `at most ${most} requests are lost`, async () => {
      let more = requestsToSettle(world.probe);
      await log.waitFor({
        what: `${more} more requests`,
        limitMs: limitMs(world),
        sinceNs: BigInt(Date.now()) * 1_000_000n,
        match: (entry): entry is Observation => entry.kind === 'request' && --more <= 0,
      });
      const since = log.entries.filter(
        (entry) => entry.kind === 'request' && BigInt(entry.atNs) >= BigInt(after.atNs),
      );
      const lost = since.flatMap((entry) =>
        entry.kind === 'request' && entry.outcome === 'failed' ? [entry] : [],
      );
      const [first] = lost;
      const detail = first
        ? `${lost.length} of ${since.length} failed, the first ${sinceMs(after, first).toFixed(0)} ms after ${after.name} (${first.failure})`
        : `${since.length} requests, all answered`;
      return { holds: lost.length <= most, detail };
    });

  return {
    advertisementFrom: expectation('advertisement from {}', (entry, amphora) =>
      Boolean(vrrpFrom(entry, amphora)),
    ),
    farewellFrom: expectation(
      'farewell (priority 0) from {}',
      (entry, amphora) => vrrpFrom(entry, amphora)?.priority === 0,
    ),
    vipOn: expectation('VIP on {}', addressChange('added')),
    vipGoneFrom: expectation('VIP gone from {}', addressChange('removed')),
    soleHolder: (amphora, after) =>
      checked(world, `${amphora.instance.name} alone holds the VIP`, async () => {
        const alone = () => {
          const holders = holdersOf(log.entries, vip, world.master.instance.name);
          return holders.size === 1 && holders.has(amphora.instance.name);
        };
        const seen = await log.waitFor({
          what: `${amphora.instance.name} as the only holder`,
          limitMs: limitMs(world),
          sinceNs: BigInt(after.atNs),
          // A request is the clock where nothing has to change.
          match: (entry): entry is Observation =>
            (entry.kind === 'address' || entry.kind === 'request') && alone(),
        });
        return { holds: true, detail: `by ${sinceMs(after, seen).toFixed(1)} ms after ${after.name}` };
      }),
    announcementFrom: expectation('announcement from {}', (entry, { instance }) => {
      if (entry.kind !== 'frame' || entry.direction !== 'in' || entry.port !== instance.name) return false;
      const { frame } = entry;
      return (
        (frame.type === 'arp' && frame.gratuitous && frame.senderIp === vip) ||
        (frame.type === 'neighbour-advertisement' && frame.unsolicited && frame.targetIp === vip)
      );
    }),
    neighbourAt: expectation(
      "router's neighbour entry at {}",
      (entry, amphora) =>
        entry.kind === 'neighbour' &&
        entry.node === 'router' &&
        entry.address === vip &&
        entry.mac === macOf(amphora),
    ),
    strangerBelieved: async (after) => {
      let believed = after;
      await checked(world, 'the router believes the stranger', async () => {
        const seen = await log.waitFor({
          what: "router's neighbour entry at the stranger",
          limitMs: limitMs(world),
          sinceNs: BigInt(after.atNs),
          match: (entry): entry is Observation =>
            entry.kind === 'neighbour' &&
            entry.node === 'router' &&
            entry.address === vip &&
            entry.mac === STRANGER_MAC,
        });
        believed = { kind: 'lab', what: 'step', name: 'the stranger was believed', atNs: seen.atNs };
        return { holds: true, detail: `${sinceMs(after, seen).toFixed(0)} ms after ${after.name}` };
      });
      return believed;
    },
    servedBy: expectation(
      'request served by {}',
      (entry, { vrrp_ip }) => entry.kind === 'request' && entry.servedBy === vrrp_ip,
    ),
    replaced: (amphora, after) =>
      checked(world, `${amphora.instance.name} is replaced`, async () => {
        const { provisioning_status } = lab.deployment;
        const { amphorae } = lab;
        const addresses = new Set(amphorae.map(({ vrrp_ip }) => vrrp_ip));
        await log.waitFor({
          what: 'a request served by an amphora of the new pair',
          limitMs: limitMs(world),
          sinceNs: BigInt(after.doneNs ?? after.atNs),
          match: (entry): entry is Observation =>
            entry.kind === 'request' && entry.servedBy !== undefined && addresses.has(entry.servedBy),
        });
        return {
          holds:
            provisioning_status === 'ACTIVE' &&
            amphorae.length === 2 &&
            amphorae.every(({ id }) => id !== amphora.id),
          detail: `${provisioning_status}, ${amphorae.length} amphorae: ${[...addresses].join(', ')}`,
        };
      }),
    replacedByItself: (amphora, after) =>
      checked(world, `${amphora.instance.name} is replaced by itself`, async () => {
        const replaced = () =>
          lab.deployment.provisioning_status === 'ACTIVE' &&
          lab.amphorae.length === 2 &&
          lab.amphorae.every(({ id }) => id !== amphora.id);
        const seen = await log.waitFor({
          what: 'a new amphora',
          limitMs: REPLACEMENT_LIMIT_MS,
          sinceNs: BigInt(after.atNs),
          // A request is the clock.
          match: (entry): entry is Observation => entry.kind === 'request' && replaced(),
        });
        return { holds: true, detail: `${sinceMs(after, seen).toFixed(0)} ms after ${after.name}` };
      }),
    vipStays: (after, intervals) =>
      checked(world, `the VIP stays for ${intervals} advertisement intervals`, async () => {
        const spanMs = intervals * advertIntMs(world);
        const limitNs = BigInt(after.atNs) + BigInt(Math.round(spanMs * 1e6));
        // The prober's requests are the clock: each of them carries its instant.
        const seen = await log.waitFor({
          what: 'a request',
          limitMs: spanMs + limitMs(world),
          sinceNs: BigInt(after.atNs),
          match: (entry): entry is Observation =>
            (entry.kind === 'address' && entry.address === vip) ||
            (entry.kind === 'request' && BigInt(entry.atNs) >= limitNs),
        });
        if (seen.kind !== 'address') return { holds: true, detail: 'nothing moved' };
        return {
          holds: false,
          detail: `${vip} ${seen.change} on ${seen.node} ${sinceMs(after, seen).toFixed(0)} ms after ${after.name}`,
        };
      }),
    pairAgrees: (whole, hearing) =>
      checked(
        world,
        `${whole.map(({ instance }) => instance.name).join(' and ') || 'nobody'} whole`,
        async () => {
          const startNs = BigInt(Date.now()) * 1_000_000n;
          const names = whole.map(({ instance }) => instance.name);
          const holders = () =>
            [...holdersOf(log.entries, vip, world.master.instance.name)].filter((node) =>
              names.includes(node),
            );
          let streak = 0;
          const agree = (entry: Observation): entry is Observation => {
            if (entry.kind !== 'request') return false;
            streak = entry.outcome === 'answered' && (!hearing || holders().length <= 1) ? streak + 1 : 0;
            // Nobody can serve: that the time goes on is all there is to see.
            return names.length === 0 || streak >= SETTLED_REQUESTS;
          };
          const seen = await log.waitFor({
            what: `${SETTLED_REQUESTS} requests in a row answered${hearing ? ', and one holder of the VIP at most' : ''}`,
            limitMs: limitMs(world),
            sinceNs: startNs,
            match: agree,
          });
          const tookMs = Number(BigInt(seen.atNs) - startNs) / 1e6;
          return {
            holds: true,
            detail: `settled by ${tookMs.toFixed(0)} ms; the VIP is on ${holders().join(', ') || 'none of them'}`,
          };
        },
      ),
    sameConfiguration: () =>
      checked(world, 'both amphorae have the same configuration', async () => {
        const { configuration } = PATHS.haproxy(lab.deployment.loadBalancer.id);
        const texts = await Promise.all(
          lab.amphorae.map(async ({ instance }) => {
            const [read] = await lab.fabric.run({ argv: inAmphora(instance, 'cat', configuration) });
            return read?.stdout;
          }),
        );
        return { holds: new Set(texts).size === 1, detail: `${texts[0]?.split('\n').length} lines` };
      }),
    unserved: (after, seconds) =>
      checked(world, `nobody is served for ${seconds} s`, async () => {
        const untilNs = BigInt(after.atNs) + BigInt(seconds * 1e9);
        const sinceNs = BigInt(after.doneNs ?? after.atNs);
        const seen = await log.waitFor({
          what: 'a request',
          limitMs: seconds * 1000 + limitMs(world),
          sinceNs,
          match: (entry): entry is Observation =>
            entry.kind === 'request' && (entry.outcome === 'answered' || BigInt(entry.atNs) >= untilNs),
        });
        const served = seen.kind === 'request' && seen.outcome === 'answered' && BigInt(seen.atNs) < untilNs;
        return {
          holds: !served,
          detail: served ? `served ${sinceMs(after, seen).toFixed(0)} ms after` : 'nobody',
        };
      }),
    noRequestLost: (after) => fewLost(after, 0),
    fewRequestsLost: fewLost,
    announcementsRepeated: ({ instance }, after) =>
      checked(world, `${instance.name} repeats its announcement as configured`, async () => {
        const options = lab.parts.settings.keepalived_vrrp;
        const wanted = {
          intervalMs: options.vrrp_garp_refresh_interval * 1000,
          repeat: options.vrrp_garp_refresh_count,
        };
        const refreshes = () => refreshesOf(log.entries, { port: instance.name, address: vip, after });
        await log.waitFor({
          what: `three refreshes by ${instance.name}`,
          limitMs: 4 * wanted.intervalMs + limitMs(world),
          sinceNs: BigInt(after.atNs),
          // The third is begun: the first two are complete.
          match: (entry): entry is Observation => entry.kind === 'frame' && refreshes().length >= 3,
        });
        const [first, second] = refreshes();
        if (!first || !second) return { holds: false, detail: 'no two refreshes' };
        const intervalMs = second.atMs - first.atMs;
        world.measures.refreshInterval = intervalMs;
        return {
          holds: Math.abs(intervalMs - wanted.intervalMs) < 500 && second.frames === wanted.repeat,
          detail: `every ${intervalMs.toFixed(0)} ms, ${second.frames} at a time; configured ${wanted.intervalMs} ms and ${wanted.repeat}`,
        };
      }),
    tableEntries: (amphora, least) =>
      checked(world, `${amphora.instance.name} knows ${least} sessions`, async () => {
        const startedMs = performance.now();
        let entries = 0;
        do {
          entries = await tableEntries(lab.fabric, amphora, lab.deployment.loadBalancer.id);
        } while (entries < least && performance.now() - startedMs < limitMs(world));
        const tookMs = performance.now() - startedMs;
        if (entries >= least && amphora !== world.master) world.measures.peerSyncLag = tookMs;
        return { holds: entries >= least, detail: `${entries} entries after ${tookMs.toFixed(0)} ms` };
      }),
    tableLacks: (amphora, most, after) =>
      checked(world, `${amphora.instance.name} learns no session meanwhile`, async () => {
        const untilNs = BigInt(after.atNs) + BigInt(QUIET_MS * 1e6);
        await log.waitFor({
          what: 'a request',
          limitMs: QUIET_MS + limitMs(world),
          sinceNs: untilNs,
          match: (entry): entry is Observation => entry.kind === 'request',
        });
        const entries = await tableEntries(lab.fabric, amphora, lab.deployment.loadBalancer.id);
        return { holds: entries <= most, detail: `${entries} entries after ${QUIET_MS} ms` };
      }),
    sameMembers: (visits) =>
      checked(world, 'clients come back to their members', async () => {
        const again = await clientVisits(lab, visits.size);
        const moved = [...visits].filter(([client, member]) => again.get(client) !== member);
        const [first] = moved;
        const detail = first
          ? `${moved.length} of ${visits.size} do not, e.g. ${first[0]}: ${first[1]}, then ${again.get(first[0]) ?? 'no answer'}`
          : `${visits.size} clients, ${new Set(visits.values()).size} members`;
        return { holds: moved.length === 0, detail };
      }),
    connectionsCut: (connections, least, most) =>
      checked(world, `${least} to ${most} of ${connections.count} connections are cut`, async () => {
        await connections.asked();
        world.measures.cutConnections = connections.cut;
        return {
          holds: connections.cut >= least && connections.cut <= most,
          detail: `${connections.cut} cut`,
        };
      }),
    downloadsAre: (state, downloads) =>
      checked(world, `downloads: all ${state}`, async () => {
        const startedMs = performance.now();
        let states = await downloads.states();
        // What was under way to a busy harness arrives late.
        while (states.some((found) => found !== state) && performance.now() - startedMs < limitMs(world)) {
          states = await downloads.states();
        }
        const counts = Object.entries(Object.groupBy(states, (found) => found));
        return {
          holds: states.every((found) => found === state),
          detail: counts.map(([found, all]) => `${all.length} ${found}`).join(', '),
        };
      }),
    portAnswers: (port, answers) =>
      checked(world, `port ${port} ${answers ? 'answers' : 'does not answer'}`, async () => {
        const answered = await answersAt(lab, vip, port);
        return { holds: answered === answers, detail: answered ? 'answered' : 'no answer within 1 s' };
      }),
    addressAnswers: (address) =>
      checked(world, `${address} answers`, async () => {
        const startedMs = performance.now();
        const port = lab.deployment.loadBalancer.listeners[0]?.protocol_port ?? 0;
        let answered = await answersAt(lab, address, port);
        while (!answered && performance.now() - startedMs < limitMs(world)) {
          answered = await answersAt(lab, address, port);
        }
        return { holds: answered, detail: `asked for ${(performance.now() - startedMs).toFixed(0)} ms` };
      }),
  };
}

async function answersAt({ fabric }: World['lab'], address: string, port: number): Promise<boolean> {
  const url = `http://${urlHost(address)}:${port}/`;
  const [asked] = await fabric.attempt({
    argv: ['curl', '--silent', '--max-time', '1', '--output', '/dev/null', url],
  });
  return asked?.exitCode === 0;
}
