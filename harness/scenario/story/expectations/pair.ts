import { PATHS } from '../../../../src/templates/paths.ts';
import { STRANGER_MAC } from '../../../faults/stranger.ts';
import { inAmphora } from '../../../lab/enter.ts';
import type { LabAmphora } from '../../../lab/lab.ts';
import { announcementsBy } from '../../../observe/announcement.ts';
import { followHolders, holdersAfter } from '../../../observe/holders.ts';
import type { AddressObservation, LabObservation, Observation } from '../../../observe/observation.ts';
import { fits, type Pattern } from '../../../observe/pattern.ts';
import { first, heldByAlone, quietUntil, streak } from '../../../observe/waits.ts';
import { refreshes } from '../refreshes.ts';
import { advertIntMs, checked, limitMs, sinceMs, type World } from '../world.ts';
import { askedUntil } from './asked.ts';
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
    lab.parts.network.ports.find((port) => port.computeId === amphora.compute_id)?.macAddress ??
    `no port of ${amphora.instance.name}`;

  const vipAt = ({ instance }: LabAmphora, change: AddressObservation['change']): Pattern => ({
    kind: 'address',
    node: instance.name,
    address: vip,
    change,
  });
  const vrrpFrom = ({ instance, vrrp_ip }: LabAmphora, priority?: number): Pattern => ({
    kind: 'frame',
    direction: 'in',
    port: instance.name,
    frame: { type: 'vrrp', sourceIp: vrrp_ip, ...(priority !== undefined && { priority }) },
  });
  const routerHasVipAt = (mac: string): Pattern => ({
    kind: 'neighbour',
    node: 'router',
    address: vip,
    mac,
  });
  const isReplaced = ({ id: old, role }: LabAmphora) =>
    lab.deployment.provisioning_status === 'ACTIVE' &&
    lab.amphorae.length === (role === 'STANDALONE' ? 1 : 2) &&
    lab.amphorae.every(({ id }) => id !== old);

  return {
    advertisementFrom: awaited(world, 'advertisement from {}', (amphora) => [vrrpFrom(amphora)]),
    farewellFrom: awaited(world, 'farewell (priority 0) from {}', (amphora) => [vrrpFrom(amphora, 0)]),
    vipOn: awaited(world, 'VIP on {}', (amphora) => [vipAt(amphora, 'added')]),
    vipGoneFrom: awaited(world, 'VIP gone from {}', (amphora) => [vipAt(amphora, 'removed')]),
    soleHolder: (amphora, after) =>
      checked(world, `${amphora.instance.name} alone holds the VIP`, async () => {
        const seen = await log.waitFor({
          what: `${amphora.instance.name} as the only holder`,
          limitMs: limitMs(world),
          sinceNs: BigInt(after.atNs),
          look: heldByAlone(amphora.instance.name, vip, world.master.instance.name),
          like: [{ kind: 'address', address: vip }],
        });
        return { holds: true, detail: `by ${sinceMs(after, seen).toFixed(1)} ms after ${after.name}` };
      }),
    announcementFrom: awaited(world, 'announcement from {}', ({ instance }) =>
      announcementsBy(instance.name, vip),
    ),
    announcementsRepeated: ({ instance }, after) =>
      checked(world, `${instance.name} repeats its announcement as configured`, async () => {
        const options = lab.parts.settings.keepalived_vrrp;
        const wanted = {
          intervalMs: options.vrrp_garp_refresh_interval * 1000,
          repeat: options.vrrp_garp_refresh_count,
        };
        const [one, next] = await log.waitFor({
          what: `three refreshes by ${instance.name}`,
          limitMs: 4 * wanted.intervalMs + limitMs(world),
          sinceNs: BigInt(after.atNs),
          look: refreshes(2, { port: instance.name, address: vip }),
          like: announcementsBy(instance.name, vip),
        });
        if (!one || !next) return { holds: false, detail: 'no two refreshes' };
        const intervalMs = next.atMs - one.atMs;
        world.measures.refreshInterval = intervalMs;
        return {
          holds: Math.abs(intervalMs - wanted.intervalMs) < 500 && next.frames === wanted.repeat,
          detail: `every ${intervalMs.toFixed(0)} ms, ${next.frames} at a time; configured ${wanted.intervalMs} ms and ${wanted.repeat}`,
        };
      }),
    neighbourAt: awaited(world, "router's neighbour entry at {}", (amphora) => [
      routerHasVipAt(macOf(amphora)),
    ]),
    strangerBelieved: async (after) => {
      let believed = after;
      await checked(world, 'the router believes the stranger', async () => {
        const wanted = routerHasVipAt(STRANGER_MAC);
        const seen = await log.waitFor({
          what: "router's neighbour entry at the stranger",
          limitMs: limitMs(world),
          sinceNs: BigInt(after.atNs),
          look: first((entry) => fits(wanted, entry)),
          like: [wanted],
        });
        believed = { kind: 'lab', what: 'step', name: 'the stranger was believed', atNs: seen.atNs };
        return { holds: true, detail: `${sinceMs(after, seen).toFixed(0)} ms after ${after.name}` };
      });
      return believed;
    },
    vipStays: (after, intervals) =>
      checked(world, `the VIP stays for ${intervals} advertisement intervals`, async () => {
        const spanMs = intervals * advertIntMs(world);
        const seen = await log.waitFor({
          what: `a request sent ${spanMs} ms after ${after.name}`,
          limitMs: spanMs + limitMs(world),
          sinceNs: BigInt(after.atNs),
          look: quietUntil(
            BigInt(after.atNs) + BigInt(Math.round(spanMs * 1e6)),
            (entry): entry is AddressObservation => entry.kind === 'address' && entry.address === vip,
          ),
          like: [{ kind: 'request' }],
        });
        if (seen === 'quiet') return { holds: true, detail: 'nothing moved' };
        return {
          holds: false,
          detail: `${vip} ${seen.change} on ${seen.node} ${sinceMs(after, seen).toFixed(0)} ms after ${after.name}`,
        };
      }),
    pairAgrees: (whole, hearing) => {
      const names = whole.map(({ instance }) => instance.name);
      const among = (holders: ReadonlySet<string>) => names.filter((name) => holders.has(name));
      const atFirst = world.master.instance.name;
      const twoHold = () => {
        const follow = followHolders(vip, atFirst);
        return (entry: Observation) => among(follow(entry)).length > 1;
      };
      return checked(world, `${names.join(' and ') || 'nobody'} whole`, async () => {
        const startNs = BigInt(Date.now()) * 1_000_000n;
        const seen = await log.waitFor({
          what: `${SETTLED_REQUESTS} requests in a row answered${hearing ? ', and one holder of the VIP at most' : ''}`,
          limitMs: limitMs(world),
          sinceNs: startNs,
          look:
            names.length > 0
              ? streak(SETTLED_REQUESTS, hearing ? twoHold : undefined)
              : // Nobody can serve: that the time goes on is all there is to see.
                first((entry) => entry.kind === 'request'),
          like: [{ kind: 'request', outcome: 'answered' }],
        });
        const tookMs = Number(BigInt(seen.atNs) - startNs) / 1e6;
        const holders = among(holdersAfter(log.entries, vip, atFirst)).join(', ');
        return {
          holds: true,
          detail: `settled by ${tookMs.toFixed(0)} ms; the VIP is on ${holders || 'none of them'}`,
        };
      });
    },
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
          look: first(
            (entry) =>
              entry.kind === 'request' && entry.servedBy !== undefined && addresses.has(entry.servedBy),
          ),
          like: [...addresses].map((servedBy) => ({ kind: 'request', servedBy })),
        });
        return {
          holds,
          detail: `${provisioning_status}, ${amphorae.length} amphorae: ${[...addresses].join(', ')}`,
        };
      }),
    replacedByItself: (amphora, after) =>
      checked(world, `${amphora.instance.name} is replaced by itself`, async () => {
        const clock = { atNs: after.atNs };
        const holds = await askedUntil(
          async () => {
            // A request is the clock.
            const { atNs } = await log.waitFor({
              what: 'a request',
              limitMs: limitMs(world),
              sinceNs: BigInt(Date.now()) * 1_000_000n,
              look: first((entry) => entry.kind === 'request'),
            });
            clock.atNs = atNs;
            return isReplaced(amphora);
          },
          (replaced) => replaced,
          REPLACEMENT_LIMIT_MS,
        );
        return {
          holds,
          detail: `${holds ? '' : 'not '}by ${sinceMs(after, clock).toFixed(0)} ms after ${after.name}`,
        };
      }),
  };
}
