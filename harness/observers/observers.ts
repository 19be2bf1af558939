import { writeFile } from 'node:fs/promises';
import type { ClientHttp2Stream } from 'node:http2';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ADDRESSES } from '../lab/addresses.ts';
import { LabGone } from '../lab/fabric/fabric.ts';
import { COMPLAINT, type HoldRequest, NEVER_HEARD } from '../lab/fabric/protocol.ts';
import { followJournal } from '../lab/journal.ts';
import type { Lab, LabNode } from '../lab/lab.ts';
import { decodeFrame, LINKTYPE_LINUX_SLL2 } from '../observations/frame.ts';
import { decodeAddressLine, decodeNeighbourLine } from '../observations/netlink.ts';
import type { FrameObservation, Observation } from '../observations/observation.ts';
import { InstrumentLate, NotObserved, type ObservationLog } from '../observations/observation-log.ts';
import { type Packet, PcapReader, pcapng } from '../observations/pcap.ts';
import { first } from '../observations/waits.ts';
import { eachJson, eachLine } from '../streams/lines.ts';
import { keptIn } from '../streams/stream-to-file.ts';

/** Headers alone: enough for everything that is decoded. */
const SNAP_LENGTH_BYTES = 160;
/** Between two looks at stick tables: the lag of the peers is uncertain by as much. */
const TABLES_INTERVAL_MS = 10;
/** What observers see has its instant from the kernel: to hear of it late costs time, and nothing else. */
const START_LIMIT_MS = 60_000;
/** In pcap-filter(7), which counts from TCP's header over IPv4 only. */
const RESET = { 4: 'tcp[tcpflags] & tcp-rst != 0', 6: 'ip6 proto 6 and ip6[53] & 4 != 0' };

export interface ProberSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** All observers of a lab, from the moment on when each of them is known to listen. */
export class Observers implements AsyncDisposable {
  readonly #streams: Readable[] = [];
  readonly #written: Promise<unknown>[] = [];
  readonly #packets: Packet[] = [];
  readonly #folder: string;
  readonly #log: ObservationLog;
  readonly #journals: Record<string, string> = {};
  /** Machines and other hosts by the number of their port in the switch. */
  #hosts: ReadonlyMap<number, string> = new Map();
  /** The own address of the machine that took the VIP last, since the start. */
  #holder: string | undefined;
  #boots: Disposable | undefined;
  #ending = false;

  private constructor(log: ObservationLog, folder: string) {
    this.#log = log;
    this.#folder = folder;
  }

  /**
   * Starts what hears of changes and costs next to nothing until then: the capture at every port of the switch, the netlink
   * monitors of router and amphorae, and the journals.
   *
   * @throws InstrumentLate when one of them does not start
   */
  static async start(lab: Lab, log: ObservationLog, folder: string): Promise<Observers> {
    const observers = new Observers(log, folder);
    const amphorae = lab.nodes;
    await Promise.all([
      observers.#capture(lab),
      observers.#watchNeighbours(lab),
      ...amphorae.map((amphora) => observers.#watchAddresses(lab, amphora)),
    ]);
    for (const amphora of amphorae) observers.#journal(lab, amphora);
    observers.#boots = lab.onBoot(async (amphora) => {
      await observers.#watchAddresses(lab, amphora);
      observers.#journal(lab, amphora);
    });
    return observers;
  }

  /** Watches machines that are new in the lab, as a controller replaces those that it has. */
  async follow(lab: Lab): Promise<void> {
    const added = lab.nodes.filter(({ instance }) => this.#journals[instance.name] === undefined);
    if (added.length === 0) return;
    for (const node of added) this.#journal(lab, node);
    this.#hosts = await hostsOf(lab);
    await Promise.all(added.map((node) => this.#watchAddresses(lab, node)));
  }

  /**
   * Starts what looks all the time, and so costs processor time: the watches of processes and stick tables, and long-lived
   * connections, from when somebody serves them. They run until the observers are disposed of.
   */
  watch(lab: Lab, held: Pick<HoldRequest, 'connections' | 'intervalMs' | 'timeoutMs'>): void {
    const { fabric, nodes, vip: host, port, transport, asked, statsSocket: socket } = lab;
    const processes = Object.fromEntries(nodes.map(({ instance }) => [instance.name, instance.pid]));
    this.#json("the fabric's watch of the machine", fabric.stalls({ processes }));
    this.#json("the fabric's watch of processes", fabric.waits());
    if (socket !== undefined) {
      const tables = fabric.tables({ socket, intervalMs: TABLES_INTERVAL_MS });
      this.#json('the watch of the stick tables', tables);
    }
    // Datagrams have no connections that could be held.
    if (transport === 'tcp') {
      this.#json('what holds connections', fabric.hold({ host, port, asked, ...held }));
    }
  }

  /**
   * Starts the open-loop probers of requests and of packets, in the client's namespace. They run until the observers are
   * disposed of.
   */
  probe(lab: Lab, { intervalMs, timeoutMs }: ProberSettings): void {
    const { vip: host, port, transport, asked } = lab;
    const prober = lab.fabric.probe({ host, port, transport, asked, intervalMs, timeoutMs });
    this.#json('the prober', prober, (entry) => this.#withOwnAddress(lab, entry));
    this.#json(
      'the packet prober',
      lab.fabric.packets({
        from: { ip: lab.clientSides[isIPv6(host) ? 6 : 4].client, mac: ADDRESSES.clientMac },
        to: { ip: host, mac: ADDRESSES.clientGatewayMac },
      }),
    );
  }

  /**
   * Resolves when the packet prober's capture has been read up to an instant, by default now: it comes in batches.
   *
   * @throws InstrumentLate
   */
  async packetsRead(untilNs = BigInt(Date.now()) * 1_000_000n): Promise<void> {
    await inTime(
      this.#log.waitFor({
        what: "the packet prober's capture",
        limitMs: START_LIMIT_MS,
        look: first((entry) => entry.kind === 'packets' && BigInt(entry.untilNs) >= untilNs),
      }),
    );
  }

  #json(
    what: string,
    stream: ClientHttp2Stream,
    corrected: (seen: Observation) => Observation = (seen) => seen,
  ): void {
    this.#observe(what, stream);
    const append = (seen: Observation, line: string) => {
      const entry = corrected(seen);
      this.#log.append(entry, entry === seen ? line : undefined);
    };
    this.#written.push(eachJson<Observation>(stream, append));
  }

  /** Files in the run's folder, by amphora: the whole journal as far as it has been read; it outlives the amphora. */
  get journals(): Readonly<Record<string, string>> {
    return this.#journals;
  }

  /** Ends the observers and writes the capture, with the lab's events as comments on the packets that follow them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    this.#boots?.[Symbol.dispose]();
    for (const stream of this.#streams) stream.destroy();
    await Promise.allSettled(this.#written);
    const events = this.#log.entries.filter((entry) => entry.kind === 'lab' || entry.kind === 'address');
    await writeFile(join(this.#folder, 'capture.pcapng'), annotated(this.#packets, events));
  }

  async #capture(lab: Lab): Promise<void> {
    this.#hosts = await hostsOf(lab);
    const portOf = (ifindex: number) => this.#hosts.get(ifindex);
    const vip = lab.vip;
    const stream = lab.fabric.stream(
      ...['ip', 'netns', 'exec', 'switch', 'tcpdump', '--interface=any', '--linktype=LINUX_SLL2'],
      ...['--immediate-mode', '--packet-buffered', '--time-stamp-precision=nano', '-n'],
      ...[`--snapshot-length=${SNAP_LENGTH_BYTES}`, '-w', '-'],
      `arp or icmp6 or proto 112 or (host ${vip} and ${RESET[isIPv6(vip) ? 6 : 4]})`,
    );
    this.#observe('the capture at the switch', stream);
    const reader = new PcapReader();
    // The file's header.
    const started = begun('The capture at the switch', stream, 'data');
    stream.on('data', (piece: Buffer) => {
      for (const packet of reader.push(piece)) {
        this.#packets.push(packet);
        const frame = decodeFrame(packet, portOf);
        if (frame && isOf(lab, frame)) this.#log.append(frame);
      }
    });
    await started;
  }

  async #watchAddresses(lab: Lab, amphora: LabNode): Promise<void> {
    const { name } = amphora.instance;
    const monitor = lab.fabric.monitor(...lab.besideVip(amphora, 'ip', '-ts', '-o', 'monitor', 'address'));
    const started = begun(`The netlink monitor at ${name}`, monitor, 'response');
    this.#lines(`the netlink monitor at ${name}`, monitor, (line) => {
      const observation = decodeAddressLine(line, name);
      if (!observation) return;
      if (observation.change === 'added' && observation.address === lab.vip) this.#holder = amphora.vrrp_ip;
      this.#log.append(observation);
    });
    await started;
  }

  /**
   * An answer names its machine by its own address. Where the back end saw the VIP, or was not asked, as for a redirection,
   * that is who took the VIP last.
   */
  #withOwnAddress(lab: Lab, entry: Observation): Observation {
    if (entry.kind !== 'request' || entry.outcome !== 'answered') return entry;
    const servedBy = lab.ownAddressOf(entry.servedBy) ?? this.#holder;
    return servedBy === undefined || servedBy === entry.servedBy ? entry : { ...entry, servedBy };
  }

  async #watchNeighbours(lab: Lab): Promise<void> {
    const monitor = lab.fabric.monitor('ip', '-n', 'router', '-ts', '-o', 'monitor', 'neigh');
    const started = begun('The netlink monitor at the router', monitor, 'response');
    this.#lines('the netlink monitor at the router', monitor, (line) => {
      const observation = decodeNeighbourLine(line, 'router');
      if (observation) this.#log.append(observation);
    });
    await started;
  }

  #journal(lab: Lab, { instance }: LabNode): void {
    const file = `${instance.name}.journal.log`;
    const stream = followJournal(lab.fabric, instance, '--output=short-unix');
    this.#streams.push(stream);
    this.#journals[instance.name] = file;
    this.#written.push(keptIn(join(this.#folder, file), stream));
  }

  /** Has the history say when a stream ends that is still wanted. */
  #observe(what: string, stream: ClientHttp2Stream): void {
    this.#streams.push(stream);
    let detail = 'the lab is gone';
    stream.on('trailers', (headers) => {
      detail = decodeURIComponent(String(headers[COMPLAINT] ?? ''));
    });
    stream.once('close', () => {
      if (this.#ending) return;
      const atNs = String(BigInt(Date.now()) * 1_000_000n);
      this.#log.append({ kind: 'observer lost', atNs, what, detail });
    });
  }

  #lines(what: string, stream: ClientHttp2Stream, onLine: (line: string) => void): void {
    this.#observe(what, stream);
    const over = eachLine(stream, (line) => {
      // Where a stream is cut, its last line is a part of one.
      if (!stream.destroyed) onLine(line);
    });
    this.#written.push(over);
  }
}

/** Machines, whichever of their NICs it is, and other hosts, by the number of their port in the switch. */
async function hostsOf(lab: Lab): Promise<ReadonlyMap<number, string>> {
  const [links] = await lab.fabric.run({ argv: ['ip', '-n', 'switch', '-j', 'link'] });
  const nodeAt = new Map(
    lab.nodes.flatMap((node) => lab.portsOf(node).map((port) => [port, node.instance.name])),
  );
  return new Map(
    (JSON.parse(links?.stdout ?? '[]') as { ifindex: number; ifname: string }[])
      .filter(({ ifname }) => ifname !== 'lo' && !/^br\d+$/.test(ifname))
      .map(({ ifindex, ifname }) => [ifindex, nodeAt.get(ifname) ?? ifname]),
  );
}

/** Whether a frame is of the virtual router that is measured; the capture keeps those of others. */
function isOf({ routerId, vip }: Lab, { frame }: FrameObservation): boolean {
  if (frame.type !== 'vrrp' || routerId === undefined) return true;
  // Routers of the two versions of IP may have one number (RFC 9568, section 5.2.3).
  return frame.routerId === routerId && isIPv6(frame.sourceIp) === isIPv6(vip);
}

/**
 * Resolves when a program has begun to observe, of which this event of its stream is the sign.
 *
 * @throws InstrumentLate, or LabGone
 */
async function begun(what: string, stream: ClientHttp2Stream, sign: 'data' | 'response'): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const limit = setTimeout(
    () => reject(new InstrumentLate(`${what} did not start within ${START_LIMIT_MS} ms.`)),
    START_LIMIT_MS,
  );
  if (sign === 'data') stream.once('data', () => resolve());
  else stream.once('response', ({ ':status': status }) => status !== NEVER_HEARD && resolve());
  stream.once('trailers', (headers) => {
    const complaint = decodeURIComponent(String(headers[COMPLAINT] ?? ''));
    reject(new InstrumentLate(`${what} ended before it began: ${complaint}`));
  });
  stream.once('close', () => reject(new LabGone()));
  await promise.finally(() => clearTimeout(limit));
}

async function inTime<T>(waiting: Promise<T>): Promise<T> {
  try {
    return await waiting;
  } catch (cause) {
    if (!(cause instanceof NotObserved)) throw cause;
    throw new InstrumentLate(cause.message.replace(/;.*/s, ''), { cause });
  }
}

/** Each event is a comment on the packet that came next, and says when it was: as Wireshark says it, s since the epoch. */
function annotated(packets: readonly Packet[], events: readonly Observation[]): Buffer {
  const blocks = [pcapng.header(LINKTYPE_LINUX_SLL2, 'switch')];
  const pending = [...events].sort((a, b) => (BigInt(a.atNs) < BigInt(b.atNs) ? -1 : 1));
  for (const packet of packets) {
    const comments: string[] = [];
    while (pending[0] && BigInt(pending[0].atNs) <= packet.atNs) {
      const event = pending.shift();
      const said = (what: string) => comments.push(`${what} at ${secondsOf(event?.atNs ?? '')}`);
      if (event?.kind === 'lab') said(`${event.what}: ${event.name}${event.node ? ` (${event.node})` : ''}`);
      if (event?.kind === 'address') said(`${event.address} ${event.change} on ${event.node}`);
    }
    blocks.push(pcapng.packet(packet, comments.length > 0 ? comments.join('; ') : undefined));
  }
  return Buffer.concat(blocks);
}

function secondsOf(atNs: string): string {
  return `${atNs.slice(0, -9)}.${atNs.slice(-9)}`;
}
