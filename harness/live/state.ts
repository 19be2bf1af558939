import type { Pair } from '../analysis/verdict/facts.ts';
import { announces } from '../observations/announcement.ts';
import { heldAtFirst } from '../observations/holders.ts';
import type { JournalLine } from '../observations/journal-line.ts';
import type { LabObservation, Observation } from '../observations/observation.ts';
import { type Holder, type RequestStream, requestStream } from '../report/page/run-picture.ts';
import { isUp, SERVICES, type Services, servicesAfter } from './services.ts';

/** What happened, as a lab's observers and journals say it. */
export type Happening = Observation | JournalLine;

/** What the page must know of a lab before anything happens. */
export interface Scene {
  readonly vip: string;
  /** Who held it at first; undefined where it was taken later. */
  readonly holder: string | undefined;
  readonly nodes: readonly { readonly name: string; readonly vrrpIp: string; readonly mac: string }[];
}

/** What the page must know of the machines of a run, of which the history may begin before the election. */
export function sceneOf({ vip, master, backup, others = [] }: Pair, history: readonly Observation[]): Scene {
  // One that is alone is its own backup.
  const nodes = new Map(
    [master, backup, ...others].map(({ node, vrrpIp, mac }) => [node, { name: node, vrrpIp, mac }]),
  );
  return {
    ...{ vip, holder: heldAtFirst(history, vip, master.node) },
    nodes: [...nodes.values()].sort((one, other) => one.name.localeCompare(other.name)),
  };
}

/** Whether it is something that was done in a lab, which makes an episode. */
export function isDeed(entry: Happening): entry is LabObservation {
  return entry.kind === 'lab' && entry.what !== 'step';
}

/** A machine at an instant. */
export interface NodeState extends Services {
  readonly name: string;
  readonly vrrpIp: string;
  /** Absent while it belongs to the lab. */
  readonly gone?: true;
  /** Has the VIP, as far as its kernel told. */
  readonly holds: boolean;
  /** Since its last advertisement; undefined where it has sent none. */
  readonly advertisedMsAgo?: number;
  readonly priority?: number;
  /** Since it last announced the VIP. */
  readonly announcedMsAgo?: number;
  /** Requests that it answered in the last second. */
  readonly answered: number;
  /** Faults at it that nothing has repaired. */
  readonly ailments: readonly string[];
  /** The fault since which it has given no sign: what is known of it was true before. */
  readonly silentSince?: string;
}

/** Something that is worth a line: an advertisement only where its sender or its priority is new. */
export interface Event {
  readonly atNs: bigint;
  readonly source: string;
  readonly kind: string;
  readonly detail: string;
}

/** What the time line shows; ms before its end. */
export interface Recent {
  /** The end, after which nothing is drawn. */
  readonly endNs: bigint;
  readonly fromMs: number;
  readonly requests: RequestStream;
  readonly holders: readonly Holder[];
  readonly events: readonly { atMs: number; source: string; kind: string; detail: string }[];
}

/** All that the page shows of a lab at an instant. */
export interface LiveState {
  readonly atNs: bigint;
  readonly nodes: readonly NodeState[];
  /** Where the router sends the VIP's packets. */
  readonly routerSendsTo?: string;
  /** Faults that nothing has repaired at what is no machine: the switch, back ends, a stranger. */
  readonly ailmentsElsewhere: Readonly<Record<string, readonly string[]>>;
  /** Requests in the last second: to whom they came in the end, and those without an answer. */
  readonly answeredByMember: Readonly<Record<string, number>>;
  readonly lost: number;
  /** Since the last answered request was sent, where the requests after it were lost. */
  readonly cutOffMs?: number;
  readonly recent: Recent;
  readonly events: readonly Event[];
  readonly journal: readonly JournalLine[];
}

const WINDOW_MS = 30_000;
/** The bars of the time line stay where they are while it moves. */
const SPACE_MS = 300;
const EVENTS_MAX = 60;
const JOURNAL_MAX = 200;
/** Advertisements that a backup must miss (RFC 3768, section 6.1), and some slack. */
const SILENT_MS = 3700;
const SECOND_MS = 1000;

interface Span {
  readonly node: string;
  fromNs: bigint;
  toNs?: bigint;
}

/** The instant at which an entry of a history was known. */
export function knownNs(entry: Happening): bigint {
  if (entry.kind === 'request') return BigInt(entry.endNs);
  return BigInt('untilNs' in entry ? entry.untilNs : entry.atNs);
}

/** Follows what happens, entry by entry, and tells the state at any instant from the last entry on. */
export class Follower {
  readonly #scene: Scene;
  /** By name; those that are gone keep their place. */
  readonly #nodes = new Map<string, Scene['nodes'][number] & { readonly gone?: true }>();
  readonly #spans: Span[];
  readonly #last = new Map<string, { advertisedNs?: bigint; priority?: number; announcedNs?: bigint }>();
  readonly #services = new Map<string, Services>();
  readonly #ailments = new Map<string, readonly string[]>();
  readonly #silentSince = new Map<string, { readonly fault: string; readonly doneNs: bigint }>();
  #recent: Observation[] = [];
  #events: Event[] = [];
  #journal: JournalLine[] = [];
  #routerSendsTo: string | undefined;
  #lastAnsweredNs: bigint | undefined;
  #lastLostNs: bigint | undefined;
  #advertiser: string | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#spans = scene.holder === undefined ? [] : [{ node: scene.holder, fromNs: 0n }];
    this.belong(scene.nodes);
  }

  /** Says which machines belong to the lab from now on: a controller may replace one. */
  belong(nodes: Scene['nodes']): void {
    for (const [name, node] of this.#nodes) this.#nodes.set(name, { ...node, gone: true });
    for (const node of nodes) this.#nodes.set(node.name, node);
  }

  /** One that goes on from here by itself. */
  copy(): Follower {
    const copy = new Follower(this.#scene);
    copy.#spans.splice(0, Number.POSITIVE_INFINITY, ...this.#spans.map((span) => ({ ...span })));
    for (const [own, its] of [
      [this.#nodes, copy.#nodes],
      [this.#last, copy.#last],
      [this.#services, copy.#services],
      [this.#ailments, copy.#ailments],
      [this.#silentSince, copy.#silentSince],
    ] as readonly (readonly [Map<string, unknown>, Map<string, unknown>])[])
      for (const [node, known] of own) its.set(node, known);
    copy.#recent = [...this.#recent];
    copy.#events = [...this.#events];
    copy.#journal = [...this.#journal];
    copy.#routerSendsTo = this.#routerSendsTo;
    copy.#lastAnsweredNs = this.#lastAnsweredNs;
    copy.#lastLostNs = this.#lastLostNs;
    copy.#advertiser = this.#advertiser;
    return copy;
  }

  see(entry: Happening): void {
    this.#listen(entry);
    this.#beginAt(entry);
    if (entry.kind === 'journal') this.#read(entry);
    else this.#observe(entry);
  }

  /** Nothing was seen of the first holder before the observation began; journals are older. */
  #beginAt(entry: Happening): void {
    const [first] = this.#spans;
    if (first?.fromNs === 0n && entry.kind !== 'journal') first.fromNs = BigInt(entry.atNs);
  }

  #observe(entry: Observation): void {
    if (entry.kind === 'request') this.#answer(entry);
    else if (entry.kind === 'frame') this.#hear(entry);
    else if (entry.kind === 'address' && entry.address === this.#scene.vip) this.#move(entry);
    else if (entry.kind === 'neighbour' && entry.address === this.#scene.vip) this.#learn(entry);
    else if (isDeed(entry)) this.#done(entry);
  }

  at(atNs: bigint): LiveState {
    const msAgo = (ns: bigint) => Number(atNs - ns) / 1e6;
    this.forget(atNs);
    const second = this.#recent.filter(
      (entry) => entry.kind === 'request' && msAgo(BigInt(entry.endNs)) <= SECOND_MS,
    ) as Extract<Observation, { kind: 'request' }>[];
    const byNode = countsOf(second.map(({ servedBy }) => servedBy));
    const cutOff =
      this.#lastAnsweredNs !== undefined && (this.#lastLostNs ?? 0n) > this.#lastAnsweredNs
        ? msAgo(this.#lastAnsweredNs)
        : undefined;
    return {
      atNs,
      nodes: [...this.#nodes.values()].map(({ name, vrrpIp, gone }) => {
        const { advertisedNs, priority, announcedNs } = this.#last.get(name) ?? {};
        const silentSince = this.#silentSince.get(name)?.fault;
        return {
          ...{
            name,
            vrrpIp,
            holds: !gone && this.#spans.some((span) => span.node === name && span.toNs === undefined),
          },
          ...(gone && { gone }),
          ...(advertisedNs !== undefined && { advertisedMsAgo: msAgo(advertisedNs) }),
          ...(priority !== undefined && { priority }),
          ...(announcedNs !== undefined && { announcedMsAgo: msAgo(announcedNs) }),
          ...{ answered: byNode[vrrpIp] ?? 0, ailments: this.#ailmentsOf(name) },
          ...this.#services.get(name),
          ...(silentSince !== undefined && { silentSince }),
        };
      }),
      ...(this.#routerSendsTo !== undefined && { routerSendsTo: this.#routerSendsTo }),
      ailmentsElsewhere: Object.fromEntries([...this.#ailments].filter(([node]) => !this.#nodes.has(node))),
      answeredByMember: countsOf(second.map(({ member }) => member)),
      lost: second.filter(({ outcome }) => outcome === 'failed').length,
      ...(cutOff !== undefined && { cutOffMs: cutOff }),
      recent: this.#recentAt(atNs),
      events: this.#events.toReversed(),
      journal: [...this.#journal],
    };
  }

  #answer(entry: Extract<Observation, { kind: 'request' }>): void {
    const atNs = BigInt(entry.atNs);
    this.#recent.push(entry);
    if (entry.outcome === 'failed') this.#lastLostNs = later(this.#lastLostNs, atNs);
    else this.#lastAnsweredNs = later(this.#lastAnsweredNs, atNs);
  }

  #hear(entry: Extract<Observation, { kind: 'frame' }>): void {
    if (entry.direction !== 'in') return;
    const { port, frame } = entry;
    const last = this.#last.get(port) ?? {};
    if (frame.type === 'vrrp') {
      this.#recent.push(entry);
      const isNew = this.#advertiser !== port || last.priority !== frame.priority;
      this.#last.set(port, { ...last, advertisedNs: BigInt(entry.atNs), priority: frame.priority });
      this.#advertiser = port;
      if (isNew) this.#note(entry, port, 'advertisement', `priority ${frame.priority}`);
    }
    if (announces(entry, port, this.#scene.vip)) {
      this.#recent.push(entry);
      const again = last.announcedNs !== undefined && BigInt(entry.atNs) - last.announcedNs < 1_000_000_000n;
      this.#last.set(port, { ...last, announcedNs: BigInt(entry.atNs) });
      if (!again) this.#note(entry, port, 'gratuitous ARP', `the VIP is at ${entry.sourceMac}`);
    }
  }

  #move(entry: Extract<Observation, { kind: 'address' }>): void {
    const { node, change } = entry;
    const atNs = BigInt(entry.atNs);
    const open = this.#spans.find((span) => span.node === node && span.toNs === undefined);
    if (change === 'removed' && open) open.toNs = atNs;
    if (change === 'added' && !open) this.#spans.push({ node, fromNs: atNs });
    this.#note(entry, node, 'VIP', change === 'added' ? 'taken' : 'given up');
  }

  #learn(entry: Extract<Observation, { kind: 'neighbour' }>): void {
    if (entry.mac === undefined) return;
    const { mac } = entry;
    const known = [...this.#nodes.values()].findLast((node) => node.mac === mac);
    const to = known?.name ?? mac;
    if (to !== this.#routerSendsTo) this.#note(entry, 'router', 'neighbour entry', `the VIP is at ${to}`);
    this.#routerSendsTo = to;
  }

  #done(entry: LabObservation): void {
    const { what, name, node = 'lab' } = entry;
    this.#recent.push(entry);
    this.#note(entry, node, what, entry.detail === undefined ? name : `${name}: ${entry.detail}`);
    if (what === 'fault') {
      if (!entry.passes) this.#ailments.set(node, [...this.#ailmentsOf(node), name]);
      this.#silentSince.set(node, { fault: name, doneNs: BigInt(entry.doneNs ?? entry.atNs) });
    }
    if (what !== 'heal') return;
    this.#ailments.delete(node);
    // A machine that lost power with the VIP could not say that it has lost the VIP too.
    const newest = this.#spans.at(-1);
    for (const span of this.#spans)
      if (span.node === node && span !== newest && span.toNs === undefined) span.toNs = BigInt(entry.atNs);
  }

  /** A machine that writes or sends something is there. */
  #listen(entry: Happening): void {
    const node =
      entry.kind === 'frame' && entry.direction === 'in' ? entry.port : 'node' in entry ? entry.node : '';
    const since = this.#silentSince.get(node ?? '');
    if (since && entry.kind !== 'lab' && BigInt(entry.atNs) > since.doneNs)
      this.#silentSince.delete(node ?? '');
  }

  #read(line: JournalLine): void {
    const { node, text } = line;
    this.#journal.push(line);
    if (this.#journal.length > 2 * JOURNAL_MAX) this.#journal = this.#journal.slice(-JOURNAL_MAX);
    const before = this.#services.get(node) ?? {};
    const after = servicesAfter(before, text);
    this.#services.set(node, after);
    // A service that was stopped or killed and runs again needs no repair any more.
    for (const service of SERVICES)
      if (isUp(after[service]) && !isUp(before[service])) this.#repaired(node, service);
  }

  #ailmentsOf(node: string): readonly string[] {
    return this.#ailments.get(node) ?? [];
  }

  #repaired(node: string, service: string): void {
    const others = this.#ailmentsOf(node).filter((ailment) => !ailment.toLowerCase().startsWith(service));
    this.#ailments.set(node, others);
  }

  #note({ atNs }: Observation, source: string, kind: string, detail: string): void {
    this.#events.push({ atNs: BigInt(atNs), source, kind, detail });
    if (this.#events.length > 2 * EVENTS_MAX) this.#events = this.#events.slice(-EVENTS_MAX);
  }

  /** Drops what has left the time line by then. */
  forget(atNs: bigint): void {
    const fromNs = atNs - BigInt(WINDOW_MS + SPACE_MS) * 1_000_000n;
    const from = this.#recent.findIndex((entry) => BigInt(entry.atNs) >= fromNs);
    if (from > 1000) this.#recent = this.#recent.slice(from);
  }

  #recentAt(atNs: bigint): Recent {
    const spaceNs = BigInt(SPACE_MS) * 1_000_000n;
    const endNs = (atNs / spaceNs + 1n) * spaceNs;
    const ms = (ns: bigint) => Number(ns - endNs) / 1e6;
    const holders = this.#spans.flatMap(({ node, fromNs, toNs = atNs }): Holder[] => {
      const [fromMs, toMs] = [Math.max(-WINDOW_MS, ms(fromNs)), ms(toNs)];
      const advertisedNs = this.#last.get(node)?.advertisedNs;
      const silent = toNs === atNs && advertisedNs !== undefined && ms(advertisedNs) + SILENT_MS < toMs;
      const heardUntil = silent ? Math.max(fromMs, ms(advertisedNs)) : toMs;
      if (toMs <= fromMs) return [];
      return [
        { node, fromMs, toMs: heardUntil, heard: true },
        ...(silent ? [{ node, fromMs: heardUntil, toMs, heard: false }] : []),
      ];
    });
    return {
      endNs,
      fromMs: -WINDOW_MS,
      requests: requestStream(this.#recent, endNs, -WINDOW_MS, 0),
      holders: holders.filter(({ fromMs, toMs }) => toMs > fromMs),
      events: this.#recent.flatMap((entry) => {
        const atMs = ms(BigInt(entry.atNs));
        if (atMs < -WINDOW_MS) return [];
        if (entry.kind === 'lab')
          return [{ atMs, source: entry.node ?? 'lab', kind: entry.what, detail: entry.name }];
        if (entry.kind !== 'frame') return [];
        const kind = entry.frame.type === 'vrrp' ? 'advertisement' : 'gratuitous ARP';
        return [{ atMs, source: entry.port, kind, detail: '' }];
      }),
    };
  }
}

function later(one: bigint | undefined, other: bigint): bigint {
  return one !== undefined && one > other ? one : other;
}

function countsOf(names: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
