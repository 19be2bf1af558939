import { inMs } from '../../../analysis/statistics/milliseconds.ts';
import { STRANGER } from '../../../lab/addresses.ts';
import { configurationOf } from '../../../lab/configuration.ts';
import { askKeepalived } from '../../../lab/keepalived-state.ts';
import type { LabNode } from '../../../lab/lab.ts';
import { announcementsBy } from '../../../observations/announcement.ts';
import { followHolders, holdersAfter } from '../../../observations/holders.ts';
import type {
  AddressObservation,
  FrameObservation,
  LabObservation,
  Observation,
} from '../../../observations/observation.ts';
import { fits, type Pattern } from '../../../observations/pattern.ts';
import { first, heldByAlone, type Look, quietUntil, streak } from '../../../observations/waits.ts';
import { AMPHORA, counted, INSTANT, thing, units } from '../../../vocabulary/argument.ts';
import { advertIntMs, checked, limitMs, sinceMs, type World } from '../../world/world.ts';
import { askedUntil } from './asked.ts';
import { awaited, expectation } from './expectation.ts';
import { refreshes } from './refreshes.ts';

/** A heartbeat's time-out, a boot, a deployment. */
const REPLACEMENT_LIMIT_MS = 60_000;
/** So long a streak is no accident of a pair that has not settled. */
const SETTLED_REQUESTS = 50;

/** The amphorae that are whole. */
const WHOLE = thing<readonly LabNode[], string>(
  '[amphora, …]',
  'the amphorae',
  (given) => Array.isArray(given) && given.every((each) => AMPHORA.fits(each)),
  (given) => given.map(({ instance }) => instance.name).join(' and ') || 'nobody',
);
/** Whether they hear each other. */
const HEARING = thing<boolean, boolean>(
  'hearing',
  true,
  (given) => typeof given === 'boolean',
  (given) => given,
);

const vipAt = ({ lab: { vip } }: World, { instance }: LabNode, change: AddressObservation['change']) =>
  [{ kind: 'address', node: instance.name, address: vip, change }] satisfies Pattern[];

const vrrpFrom = ({ instance, vrrp_ip }: LabNode, priority?: number) =>
  [
    {
      ...({ kind: 'frame', direction: 'in', port: instance.name } as const),
      frame: { type: 'vrrp', sourceIp: vrrp_ip, ...(priority !== undefined && { priority }) },
    },
  ] satisfies Pattern[];

/**
 * An advertisement; or, of one that has taken the VIP, the question for a peer's MAC: its unicast advertisements wait in
 * the kernel for the answer, which a dead peer does not give.
 */
function advertisesOrAsks(world: World, amphora: LabNode): Look<FrameObservation> {
  const { name } = amphora.instance;
  const peers = world.lab.nodes.filter((node) => node !== amphora).map(({ vrrp_ip }) => vrrp_ip);
  const question = { type: 'arp', operation: 'request' } as const;
  const taken = vipAt(world, amphora, 'added');
  return (sinceNs) => {
    let hasTaken = false;
    return (entry) => {
      if (BigInt(entry.atNs) < sinceNs) return undefined;
      hasTaken ||= taken.some((pattern) => fits(pattern, entry));
      if (entry.kind !== 'frame' || entry.direction !== 'in' || entry.port !== name) return undefined;
      const asks = peers.some((targetIp) => fits({ kind: 'frame', frame: { ...question, targetIp } }, entry));
      return vrrpFrom(amphora).some((pattern) => fits(pattern, entry)) || (hasTaken && asks)
        ? entry
        : undefined;
    };
  };
}

const routerHasVipAt = ({ lab: { vip } }: World, mac: string) =>
  ({ kind: 'neighbour', node: 'router', address: vip, mac }) satisfies Pattern;

const isReplaced = ({ lab }: World, { id: old }: LabNode) => {
  const { deployment, amphorae } = lab.octavia;
  return (
    deployment.provisioning_status === 'ACTIVE' &&
    amphorae.length === (deployment.loadBalancer.topology === 'SINGLE' ? 1 : 2) &&
    amphorae.every(({ id }) => id !== old)
  );
};

const neighbourAt = awaited(
  (amphora) => `the router's neighbour entry for the VIP points to ${amphora}`,
  (amphora) => `router's neighbour entry at ${amphora}`,
  (amphora, world) => [
    routerHasVipAt(world, world.lab.macOf(amphora) ?? `no port of ${amphora.instance.name}`),
  ],
);

/** Who holds the VIP, and who says so. */
export const PAIR = {
  advertisementFrom: expectation({
    takes: [AMPHORA, INSTANT],
    says: (amphora) => `${amphora} sends an advertisement`,
    named: (amphora) => `advertisement from ${amphora}`,
    async look(world, amphora: LabNode, after: LabObservation) {
      const { name } = amphora.instance;
      const seen = await world.log.waitFor({
        what: `advertisement from ${name}`,
        limitMs: limitMs(world),
        sinceNs: BigInt(after.atNs),
        look: advertisesOrAsks(world, amphora),
        like: vrrpFrom(amphora),
      });
      const when = `${inMs(sinceMs(after, seen), 1)} after ${after.name}`;
      if (seen.frame.type !== 'arp') return { holds: true, detail: when };
      const state = (await askKeepalived(world.lab, amphora))?.state;
      return {
        holds: state === 'MASTER',
        detail: `${when}, it asks for the MAC of ${seen.frame.targetIp}, for which its advertisements wait; its keepalived is ${state ?? 'silent'}`,
      };
    },
  }),
  /** An advertisement with priority 0. */
  farewellFrom: awaited(
    (amphora) => `${amphora} says farewell, with an advertisement of priority 0`,
    (amphora) => `farewell (priority 0) from ${amphora}`,
    (amphora) => vrrpFrom(amphora, 0),
  ),
  vipOn: awaited(
    (amphora) => `${amphora} takes the VIP`,
    (amphora) => `VIP on ${amphora}`,
    (amphora, world) => vipAt(world, amphora, 'added'),
  ),
  vipGoneFrom: awaited(
    (amphora) => `${amphora} gives up the VIP`,
    (amphora) => `VIP gone from ${amphora}`,
    (amphora, world) => vipAt(world, amphora, 'removed'),
  ),
  /** This one holds the VIP and no other does. */
  soleHolder: expectation({
    takes: [AMPHORA, INSTANT],
    says: (amphora) => `${amphora} alone holds the VIP`,
    async look(world, amphora, after) {
      const { name } = amphora.instance;
      const { vip } = world.lab;
      const seen = await world.log.waitFor({
        what: `${name} as the only holder`,
        limitMs: limitMs(world),
        sinceNs: BigInt(after.atNs),
        look: heldByAlone(name, vip, world.master.instance.name),
        like: [{ kind: 'address', address: vip }],
      });
      return { holds: true, detail: `by ${inMs(sinceMs(after, seen), 1)} after ${after.name}` };
    },
  }),
  /** Gratuitous ARP for an IPv4 address, an unsolicited neighbour advertisement for an IPv6 one. */
  announcementFrom: awaited(
    (amphora) => `${amphora} announces the VIP`,
    (amphora) => `announcement from ${amphora}`,
    ({ instance }, { lab }) => announcementsBy(instance.name, lab.vip),
  ),
  /** The holder repeats its announcement as its configuration says. */
  announcementsRepeated: expectation({
    takes: [AMPHORA, INSTANT],
    says: (amphora) => `${amphora} repeats its announcement as configured`,
    async look(world, { instance: { name } }, after) {
      const wanted = world.lab.timing.refresh;
      if (!wanted) return { holds: false, detail: 'the configuration repeats none' };
      const [one, next] = await world.log.waitFor({
        what: `three refreshes by ${name}`,
        limitMs: 4 * wanted.intervalMs + limitMs(world),
        sinceNs: BigInt(after.atNs),
        look: refreshes(2, { port: name, address: world.lab.vip }),
        like: announcementsBy(name, world.lab.vip),
      });
      if (!one || !next) return { holds: false, detail: 'no two refreshes' };
      const intervalMs = next.atMs - one.atMs;
      world.measures.refreshInterval = intervalMs;
      return {
        holds: Math.abs(intervalMs - wanted.intervalMs) < 500 && next.frames === wanted.repeat,
        detail: `every ${inMs(intervalMs)}, ${next.frames} at a time; configured ${wanted.intervalMs} ms and ${wanted.repeat}`,
      };
    },
  }),
  neighbourAt: {
    ...neighbourAt,
    async act(world: World, amphora: LabNode, after: LabObservation): Promise<void> {
      const macs = new Set(world.lab.nodes.map((node) => world.lab.macOf(node)));
      if (world.lab.nodes.length === 1 || macs.size > 1) return neighbourAt.act(world, amphora, after);
      // A virtual MAC moves with the VIP (use_vmac): the entry stays as it is.
      await checked(world, `router's neighbour entry at ${amphora.instance.name}`, async () => ({
        holds: true,
        detail: `each machine has the VIP under ${[...macs][0]}`,
      }));
    },
  },
  /** The router took a stranger for the VIP's holder; gives the instant. */
  strangerBelieved: {
    takes: [INSTANT] as const,
    says: () => 'the router believes the host that claimed the VIP',
    async act(world: World, after: LabObservation): Promise<LabObservation> {
      let believed = after;
      await checked(world, 'the router believes the stranger', async () => {
        const wanted = routerHasVipAt(world, STRANGER.mac);
        const seen = await world.log.waitFor({
          what: "router's neighbour entry at the stranger",
          limitMs: limitMs(world),
          sinceNs: BigInt(after.atNs),
          look: first((entry) => fits(wanted, entry)),
          like: [wanted],
        });
        believed = { kind: 'lab', what: 'step', name: 'the stranger was believed', atNs: seen.atNs };
        return { holds: true, detail: `${inMs(sinceMs(after, seen))} after ${after.name}` };
      });
      return believed;
    },
  },
  /**
   * Since it, and for this many advertisement intervals from now on, the VIP is neither added nor removed anywhere. The
   * instant of a repair is its beginning. It is done once the amphora takes part again: only then can that take the VIP.
   */
  vipStays: expectation({
    takes: [INSTANT, units('intervals')],
    says: (_, { intervals }) => `the VIP stays for ${counted(intervals, 'advertisement interval')}`,
    async look(world, after, { intervals }) {
      const { vip } = world.lab;
      const spanMs = intervals * advertIntMs(world);
      const sinceNs = BigInt(after.atNs);
      const newest = world.log.entries.findLast(({ kind }) => kind === 'request');
      const nowNs = BigInt(newest?.atNs ?? sinceNs);
      const fromNs = nowNs > sinceNs ? nowNs : sinceNs;
      const seen = await world.log.waitFor({
        what: `a request sent ${spanMs} ms after ${fromNs > sinceNs ? `${after.name} was done` : after.name}`,
        limitMs: spanMs + limitMs(world),
        sinceNs,
        look: quietUntil(
          fromNs + BigInt(Math.round(spanMs * 1e6)),
          (entry): entry is AddressObservation => entry.kind === 'address' && entry.address === vip,
        ),
        like: [{ kind: 'request' }],
      });
      if (seen === 'quiet') return { holds: true, detail: 'nothing moved' };
      return {
        holds: false,
        detail: `${vip} ${seen.change} on ${seen.node} ${inMs(sinceMs(after, seen))} after ${after.name}`,
      };
    },
  }),
  /**
   * At most one of the intact amphorae holds the VIP where they hear each other; clients are served, where
   * one is whole at all. By the time that everything has settled.
   */
  pairAgrees: expectation({
    takes: [WHOLE, HEARING],
    says: (whole, hearing) =>
      whole === 'nobody'
        ? 'nobody is whole, and nobody needs to be served'
        : `clients are served by ${whole}${hearing ? ', and one amphora at most holds the VIP' : ''}`,
    named: (whole) => `${whole} whole`,
    async look(world, whole, hearing) {
      const { log } = world;
      const { vip } = world.lab;
      const names = whole.map(({ instance }) => instance.name);
      const among = (holders: ReadonlySet<string>) => names.filter((name) => holders.has(name));
      const atFirst = world.master.instance.name;
      const twoHold = () => {
        const follow = followHolders(vip, atFirst);
        return (entry: Observation) => among(follow(entry)).length > 1;
      };
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
        detail: `settled by ${inMs(tookMs)}; the VIP is on ${holders || 'none of them'}`,
      };
    },
  }),
  /** Both amphorae have the same haproxy.cfg. */
  sameConfiguration: expectation({
    needs: 'a controller',
    takes: [],
    says: () => 'both amphorae have the same configuration',
    async look({ lab }) {
      const texts = await Promise.all(
        lab.nodes.map(async (node) => (await configurationOf(lab, node)).haproxy),
      );
      const [text = ''] = texts;
      return { holds: text !== '' && new Set(texts).size === 1, detail: `${text.split('\n').length} lines` };
    },
  }),
  /** The load balancer is ACTIVE, with as many amphorae as its topology has, none of which is this one; clients are served by one of them. */
  replaced: expectation({
    needs: 'a controller',
    takes: [AMPHORA, INSTANT],
    says: (amphora) => `${amphora} is replaced`,
    async look(world, amphora, after) {
      const { amphorae, deployment } = world.lab.octavia;
      const { provisioning_status } = deployment;
      const holds = isReplaced(world, amphora);
      const addresses = new Set(amphorae.map(({ vrrp_ip }) => vrrp_ip));
      await world.log.waitFor({
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
    },
  }),
  /** The same, without anybody asking for it. */
  replacedByItself: expectation({
    needs: 'a controller',
    takes: [AMPHORA, INSTANT],
    says: (amphora) => `${amphora} is replaced without a request by an operator`,
    named: (amphora) => `${amphora} is replaced by itself`,
    async look(world, amphora, after) {
      const clock = { atNs: after.atNs };
      const holds = await askedUntil(
        async () => {
          // A request is the clock.
          const { atNs } = await world.log.waitFor({
            what: 'a request',
            limitMs: limitMs(world),
            sinceNs: BigInt(Date.now()) * 1_000_000n,
            look: first((entry) => entry.kind === 'request'),
          });
          clock.atNs = atNs;
          return isReplaced(world, amphora);
        },
        (replaced) => replaced,
        REPLACEMENT_LIMIT_MS,
      );
      return {
        holds,
        detail: `${holds ? '' : 'not '}by ${inMs(sinceMs(after, clock))} after ${after.name}`,
      };
    },
  }),
};
