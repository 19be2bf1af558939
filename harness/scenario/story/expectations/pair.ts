import { PATHS } from '../../../../src/templates/paths.ts';
import { STRANGER_MAC } from '../../../faults/stranger.ts';
import { inAmphora } from '../../../lab/enter.ts';
import type { LabAmphora } from '../../../lab/lab.ts';
import { announces } from '../../../observe/announcement.ts';
import type { LabObservation, Observation } from '../../../observe/observation.ts';
import { refreshesOf } from '../refreshes.ts';
import { advertIntMs, checked, holdersOf, limitMs, sinceMs, type World } from '../world.ts';
import { type AboutAmphora, awaited } from './awaited.ts';

/** Who holds the VIP, and who says so. */
export interface PairExpectations {
  readonly advertisementFrom: AboutAmphora;
  /** An advertisement with priority 0. */
  readonly farewellFrom: AboutAmphora;
  readonly vipOn: AboutAmphora;
  readonly vipGoneFrom: AboutAmphora;
  /** This one holds the VIP and no other does. */
  readonly soleHolder: AboutAmphora;
  /** Gratuitous ARP for an IPv4 address, an unsolicited neighbour advertisement for an IPv6 one. */
  readonly announcementFrom: AboutAmphora;
  /** The holder repeats its announcement as its configuration says. */
  announcementsRepeated(amphora: LabAmphora, after: LabObservation): Promise<void>;
  readonly neighbourAt: AboutAmphora;
  /** The router took a stranger for the VIP's holder; gives the instant. */
  strangerBelieved(after: LabObservation): Promise<LabObservation>;
  /** For so many advertisement intervals after it, the VIP is neither added nor removed anywhere. */
  vipStays(after: LabObservation, intervals: number): Promise<void>;
  /**
   * Of those that are whole, at most one holds the VIP where they hear each other; clients are served, where
   * one is whole at all. By the time that everything has settled.
   */
  pairAgrees(whole: readonly LabAmphora[], hearing: boolean): Promise<void>;
  /** Both amphorae have the same haproxy.cfg. */
  sameConfiguration(): Promise<void>;
  /** The load balancer is ACTIVE, with as many amphorae as its topology has, none of which is this one; clients are served by one of them. */
  readonly replaced: AboutAmphora;
  /** The same, without anybody asking for it. */
  readonly replacedByItself: AboutAmphora;
}

/** A heartbeat's time-out, a boot, a deployment. */
const REPLACEMENT_LIMIT_MS = 60_000;
/** So long a streak is no accident of a pair that has not settled. */
const SETTLED_REQUESTS = 50;

export function pairExpectations(world: World): PairExpectations {
  const { lab, log } = world;
  const vip = lab.deployment.vip.ip_address;
  const macOf = (amphora: LabAmphora) =>
    lab.parts.network.ports.find((port) => port.computeId === amphora.compute_id)?.macAddress;

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
  const routerHasVipAt = (entry: Observation, mac: string | undefined) =>
    entry.kind === 'neighbour' && entry.node === 'router' && entry.address === vip && entry.mac === mac;
  const isReplaced = ({ id: old, role }: LabAmphora) =>
    lab.deployment.provisioning_status === 'ACTIVE' &&
    lab.amphorae.length === (role === 'STANDALONE' ? 1 : 2) &&
    lab.amphorae.every(({ id }) => id !== old);

  return {
    advertisementFrom: awaited(world, 'advertisement from {}', (entry, amphora) =>
      Boolean(vrrpFrom(entry, amphora)),
    ),
    farewellFrom: awaited(
      world,
      'farewell (priority 0) from {}',
      (entry, amphora) => vrrpFrom(entry, amphora)?.priority === 0,
    ),
    vipOn: awaited(world, 'VIP on {}', addressChange('added')),
    vipGoneFrom: awaited(world, 'VIP gone from {}', addressChange('removed')),
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
    announcementFrom: awaited(world, 'announcement from {}', (entry, { instance }) =>
      announces(entry, instance.name, vip),
    ),
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
    neighbourAt: awaited(world, "router's neighbour entry at {}", (entry, amphora) =>
      routerHasVipAt(entry, macOf(amphora)),
    ),
    strangerBelieved: async (after) => {
      let believed = after;
      await checked(world, 'the router believes the stranger', async () => {
        const seen = await log.waitFor({
          what: "router's neighbour entry at the stranger",
          limitMs: limitMs(world),
          sinceNs: BigInt(after.atNs),
          match: (entry): entry is Observation => routerHasVipAt(entry, STRANGER_MAC),
        });
        believed = { kind: 'lab', what: 'step', name: 'the stranger was believed', atNs: seen.atNs };
        return { holds: true, detail: `${sinceMs(after, seen).toFixed(0)} ms after ${after.name}` };
      });
      return believed;
    },
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
    replaced: (amphora, after) =>
      checked(world, `${amphora.instance.name} is replaced`, async () => {
        const { provisioning_status } = lab.deployment;
        const { amphorae } = lab;
        const holds = isReplaced(amphora);
        const addresses = new Set(amphorae.map(({ vrrp_ip }) => vrrp_ip));
        await log.waitFor({
          what: 'a request served by an amphora of the new pair',
          limitMs: limitMs(world),
          sinceNs: BigInt(after.doneNs ?? after.atNs),
          match: (entry): entry is Observation =>
            entry.kind === 'request' && entry.servedBy !== undefined && addresses.has(entry.servedBy),
        });
        return {
          holds,
          detail: `${provisioning_status}, ${amphorae.length} amphorae: ${[...addresses].join(', ')}`,
        };
      }),
    replacedByItself: (amphora, after) =>
      checked(world, `${amphora.instance.name} is replaced by itself`, async () => {
        const seen = await log.waitFor({
          what: 'a new amphora',
          limitMs: REPLACEMENT_LIMIT_MS,
          sinceNs: BigInt(after.atNs),
          // A request is the clock.
          match: (entry): entry is Observation => entry.kind === 'request' && isReplaced(amphora),
        });
        return { holds: true, detail: `${sinceMs(after, seen).toFixed(0)} ms after ${after.name}` };
      }),
  };
}
