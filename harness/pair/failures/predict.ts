import type { Place } from '../../syntax/statement.ts';
import {
  nodeOf,
  type Pair,
  sharedRouters,
  shown,
  together,
  type VirtualRouter,
} from '../configuration/pair.ts';
import { healthyPriority } from '../configuration/priorities.ts';
import { stopsHaproxy } from '../configuration/stops.ts';
import { type Instance, preempts } from '../configuration/vrrp.ts';
import type { Finding } from '../rule.ts';
import { haproxyFails } from './haproxy-fails.ts';
import { carrierFails, otherInterfaces, predictLink } from './link-fails.ts';
import {
  type EventName,
  eventsOf,
  FOR_EVER,
  NONE,
  type Predicted,
  type Situation,
  type Verdict,
} from './prediction.ts';
import {
  advertMs,
  farewell,
  preemptDelayMs,
  preemption,
  silence,
  silenceText,
  skewText,
  type TakeOver,
  takesFromLower,
} from './waits.ts';

/** Mistakes with which nodes do not hear each other, or drop what they hear: all of them become master. */
const DEAF = new Set([
  ...['router-id-differs', 'auth-differs', 'peers-do-not-match', 'version-differs', 'advert-int-differs'],
  'vips-differ',
]);

/** Events in which the priorities that checks have lowered decide. */
const CHECKED = new Set<EventName>(['haproxy-dead', 'haproxy-hung', 'return']);

/** Who holds the address while all is well: the highest priority, of equal ones the highest address. */
export function expectedHolder(pair: Pair, router: VirtualRouter): Instance {
  const [first] = ranked(pair, router);
  if (!first) throw new Error('A virtual router has at least one instance.');
  return first;
}

/** Predicts an event for a virtual router from the configurations alone. */
export function predict(event: EventName, situation: Situation): Predicted {
  const { holder } = situation;
  const [successor, third] = successorsOf(situation);
  const struck = event === 'second-power-off' && successor ? successor : holder;
  const about = { event, target: struck.node, instance: holder.name };
  const deaf = situation.findings.find((finding) => DEAF.has(finding.rule) && concerns(finding, situation));
  if (deaf)
    return {
      ...about,
      ...cannotTell(
        deaf,
        `The nodes do not hear each other, and more than one holds the address already: ${deaf.message}`,
      ),
      advice: deaf.advice,
    };
  if (!successor || (event === 'second-power-off' && !third))
    return { ...about, ...unserved(holder, `No other node is left that could take ${addressOf(holder)}.`) };
  const others = situation.router.filter((instance) => instance !== holder);
  // What keeps the one back that is to take the address comes first.
  const stopped = (event === 'return' ? [holder, ...others] : [...others, holder])
    .map((instance) => stopsHaproxy(nodeOf(situation.pair, instance)))
    .find((stops) => stops && (!stops.weighs || CHECKED.has(event)));
  if (stopped) return { ...about, ...cannotTell(stopped.notify, stopped.because), advice: stopped.advice };
  const verdict = EVENT[event]({ ...situation, successor, third: third ?? successor });
  return { ...about, ...verdict };
}

/** Whether a finding stands in one of the virtual router's instances. */
function concerns({ file, line }: Place, { pair, router }: Situation): boolean {
  return router.some((instance) => {
    const instances = nodeOf(pair, instance).vrrp.instances.filter((each) => each.file === file);
    return instances.findLast((each) => each.line <= line) === instance;
  });
}

interface Scene extends Situation {
  readonly successor: Instance;
  /** Takes over from the successor. */
  readonly third: Instance;
}

/** A machine may be late by this much when its timer ends. */
const CLOSE_MS = 60;

const EVENT: Readonly<Record<EventName, (scene: Scene) => Verdict>> = {
  'power-off': (scene) => bySilence(scene),
  'link-down': (scene) => carrierFails(scene, scene.successor) ?? bySilence(scene),
  'keepalived-stopped': (scene) => {
    const { pair, successor } = scene;
    const interval = `${advertMs(successor) / 1000} s`;
    return {
      ...moved(successor),
      outage: farewell(scene),
      because: `${scene.holder.node} says farewell with priority 0, and ${shown(successor)} only waits for its skew, ${skewText(pair, successor, interval)}.`,
      ...placeOf(successor.priority),
    };
  },
  // Its VRRP process gets SIGTERM when its parent dies (PR_SET_PDEATHSIG in vrrp_daemon.c): it says farewell, unless it
  // dies at the same time.
  'keepalived-dead': (scene) => ({
    ...moved(scene.successor),
    outage: { min: 0, max: farewell(scene).max },
    because: `Where all of keepalived dies at once, nothing takes the address from ${scene.holder.node}, whose HAProxy serves on until ${shown(scene.successor)} takes over, after ${silenceText(scene)} of silence: both hold it then. Where its VRRP process outlives its parent, it says farewell.`,
    ...placeOf(scene.successor.advertIntMs),
  }),
  'haproxy-dead': (scene) => haproxyFails(scene, 'death', scene),
  'haproxy-hung': (scene) => haproxyFails(scene, 'hang', scene),
  'peers-cut': (scene) => {
    const others = successorsOf(scene);
    const last = others.at(-1) ?? scene.successor;
    const take = { ...scene, successor: last };
    const [who, all] =
      others.length > 1 ? ['the last of them', 'all'] : [`${shown(last)} hears nothing, and`, 'both'];
    const start = others.length > 1 ? `${others.map(shown).join(' and ')} hear nothing, and ` : '';
    const lastMs = silence(take).max;
    const close = others.filter(
      (other) => other !== last && lastMs - silence({ ...scene, successor: other }).max < CLOSE_MS,
    );
    return {
      ...moved(last),
      ...(close.length > 0 && { orHolders: close.map(({ node }) => node) }),
      outage: NONE,
      because: `${start}${who} becomes master beside ${scene.holder.node}, after ${silenceText(take)}: ${all} hold the address, and clients follow the last announcement.`,
      ...placeOf(last.advertIntMs),
    };
  },
  'peers-back': peersMeet,
  return: returns,
  'second-power-off': ({ pair, successor, third, ...rest }) =>
    bySilence({ ...rest, pair, holder: successor, successor: third, third }),
};

/** The holder is not heard any more. */
function bySilence(scene: Scene): Verdict {
  const members = together(scene.pair, scene.successor);
  const group = members.length > 1 ? ', and so do the others of its sync group' : '';
  return {
    ...moved(scene.successor),
    outage: silence(scene),
    because: `${shown(scene.successor)} takes over after ${silenceText(scene)} without an advertisement${group}.`,
    ...placeOf(scene.successor.advertIntMs),
  };
}

/** Several hold the address and hear each other again: the lower priority steps down, of equals the lower address. */
function peersMeet(scene: Scene): Verdict {
  const { pair, holder, successor } = scene;
  const [first, second] = ranked(pair, [holder, successor]) as [Instance, Instance];
  const [own, its] = [first, second].map((each) => healthyPriority(nodeOf(pair, each), each));
  const what = own === its ? 'address' : 'priority';
  if (what === 'address' && !(first.source && second.source))
    return cannotTell(
      first.priority,
      `${shown(first)} and ${shown(second)} both have priority ${own}: the lower address steps down, and their addresses are not written.`,
    );
  if (first === successor)
    return {
      ...{ moves: false, holder: successor.node, outage: NONE },
      because: `${shown(successor)} has the higher ${what}: ${holder.node} steps down, and clients are at ${successor.node} already.`,
      ...placeOf(successor.priority),
    };
  const { garpRefreshS, garpLowerRepeat } = first;
  const refreshMs = garpRefreshS.value * 1000;
  // A master that hears a lower priority announces itself; one that steps down says nothing (vrrp_state_master_rx()).
  const announces = garpLowerRepeat.value > 0;
  const others = successorsOf({ ...scene, holder: first });
  const [hear, advertise, step, it] =
    others.length > 1
      ? ['hear', 'advertise', 'step', 'the last of them']
      : ['hears', 'advertises', 'steps', 'it'];
  const lower = others.map(shown).join(' and ');
  if (announces && others.every(({ answersHigher }) => answersHigher))
    return {
      ...{ moves: false, holder: first.node, outage: NONE, ...placeOf(garpLowerRepeat) },
      because: `${lower} ${hear} the higher ${what}, ${advertise} once more and ${step} down; ${first.node} hears that and announces itself at once.`,
    };
  const luck = announces ? `, unless ${first.node} heard it first and announced itself at once` : '';
  const because = `${lower} ${hear} the higher ${what} and ${step} down; clients that followed ${it} wait for the next announcement of ${first.node}${luck}`;
  return {
    ...{ moves: false, holder: first.node, ...placeOf(garpRefreshS) },
    ...(refreshMs > 0
      ? {
          outage: { min: 0, max: refreshMs },
          because: `${because}. It comes every ${seconds(refreshMs)}.`,
        }
      : {
          outage: undefined,
          because: `${because}. No garp_master_refresh brings one: the router's own time decides.`,
          advice: 'Write vrrp_higher_prio_send_advert true in global_defs, or garp_master_refresh 5.',
        }),
  };
}

/** The old holder is back, and hears the successor. */
function returns(scene: Scene): Verdict {
  const { pair, holder, successor } = scene;
  const [own, its] = [holder, successor].map((each) => healthyPriority(nodeOf(pair, each), each)) as [
    number,
    number,
  ];
  const stays = (because: string, place: Place): Verdict => ({
    ...{ moves: false, holder: successor.node, outage: NONE, because },
    ...placeOf(place),
  });
  if (own <= its)
    return stays(
      `${holder.node} has priority ${own}, and ${successor.node} has ${its}: the node that holds the address keeps it.`,
      holder.priority,
    );
  const keeper = together(pair, holder).find((each) => !preempts(each));
  if (keeper?.nopreempt && !takesFromLower(pair, holder))
    return stays(`${shown(keeper)} has nopreempt: it stays backup, and clients move once.`, keeper.nopreempt);
  const delayMs = preemptDelayMs(holder);
  const back: TakeOver = { pair, holder: successor, successor: holder };
  const movesAfter = preemption(back);
  const { min, max } = movesAfter;
  const ignored = holder.nopreempt
    ? ` nopreempt is ignored, as its initial state is ${holder.state.value}.`
    : '';
  const place = holder.nopreempt ?? (delayMs > 0 ? holder.preemptDelayMs : holder.priority);
  return {
    ...{ moves: true, holder: holder.node, outage: NONE, movesAfter },
    because: `${shown(holder)} has priority ${own}, above ${its}, and takes the address back ${seconds(min)} to ${seconds(max)} after it hears ${successor.node}${delayMs > 0 ? `, ${seconds(delayMs)} of them for preempt_delay` : ''}.${ignored}`,
    ...placeOf(place),
    ...(holder.nopreempt && {
      advice: 'Write state BACKUP on all nodes where clients are not to move twice.',
    }),
  };
}

function moved({ node }: Instance): Pick<Verdict, 'moves' | 'holder'> {
  return { moves: true, holder: node };
}

function unserved(place: Place, because: string): Verdict {
  return { ...placeOf(place), moves: false, holder: undefined, outage: FOR_EVER, because };
}

function cannotTell(place: Place, because: string): Verdict {
  return { ...placeOf(place), moves: undefined, holder: undefined, outage: undefined, because };
}

function placeOf({ file, line }: Place): Place {
  return { file, line };
}

function addressOf({ addresses }: Instance): string {
  return addresses[0]?.address ?? 'the address';
}

/** `3.65 s` */
function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(2))} s`;
}

/** Who takes over from the holder, and who from that one. */
function successorsOf({ pair, router, holder }: Situation): readonly Instance[] {
  return ranked(
    pair,
    router.filter((instance) => instance !== holder),
  );
}

/** The highest priority first, of equal ones the highest own address (RFC 9568, section 6.4.3). */
function ranked(pair: Pair, instances: readonly Instance[]): readonly Instance[] {
  const priority = (instance: Instance) => healthyPriority(nodeOf(pair, instance), instance);
  return instances.toSorted(
    (one, other) =>
      priority(other) - priority(one) || compareAddresses(other.source?.value, one.source?.value),
  );
}

function compareAddresses(one = '', other = ''): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

/**
 * All events of a virtual router.
 *
 * @param holderAt who held the address when an event was measured: of equals, each run elects one
 */
export function predictAll(
  situation: Situation,
  holderAt?: (event: EventName) => Instance,
): readonly Predicted[] {
  const { router, holder } = situation;
  const [successor] = successorsOf(situation);
  return [
    ...eventsOf(router.length).map((event) =>
      predict(event, { ...situation, holder: holderAt?.(event) ?? holder }),
    ),
    ...(successor
      ? otherInterfaces(holder).map((tracked) => predictLink(situation, successor, tracked))
      : []),
  ];
}

/** What becomes of the address when the old master is back, by the first virtual router that can fail over. */
export function returnOf(pair: Pair): Predicted | undefined {
  const [situation] = situationsOf(pair, []);
  return situation && predict('return', situation);
}

/** The virtual routers of a pair that can fail over, each with its holder while all is well. */
export function situationsOf(
  pair: Pair,
  findings: readonly Finding[],
  keepalived?: string,
): readonly Situation[] {
  return sharedRouters(pair).map((router) => ({
    ...{ pair, router, findings, keepalived },
    holder: expectedHolder(pair, router),
  }));
}
