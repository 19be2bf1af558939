import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { median } from 'simple-statistics';
import { PEERS_PORT } from '../../src/templates/haproxy/configuration.ts';
import type { Lab, LabNode } from '../lab/lab.ts';
import { type Packet, PcapReader } from '../observations/pcap.ts';
import { upTo } from '../scenario/models.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { validRun } from './one-run.fixture.ts';
import { readStoredRun } from './run-folder.ts';

const LIMIT_MS = 120_000;
const CAPTURE_LIMIT_MS = 5000;
const VISITS = 20;
/** The prober has one, too. */
const ENTRIES = VISITS + 1;
/** Sessions that must be found in the capture. */
const SEEN_MIN = 18;
/** Largest difference between the result and the capture. */
const WITHIN_MS = 20;
/** The tables are asked every 20 ms: beyond this, and what processes waited for a processor, a figure of peers says nothing. */
const UNCERTAIN_MAX_MS = 60;
/** The first that TCP waits before it sends again, however little it knows of the path (RFC 6298, section 2.1). */
const FIRST_RETRANSMISSION_MS = 1000;
/** Where fields of a TCP segment over IPv4 without options stand in a packet of LINUX_SLL2, pcap-linktype(7). */
const AT = {
  interface: 4,
  direction: 10,
  ip: 20,
  ipLength: 22,
  from: 40,
  to: 42,
  sequence: 44,
  ack: 48,
  offset: 52,
};
/** The switch sent it there. */
const OUTGOING = 4;

/** What the switch carries of the clients and of the peers, packets whole. */
function capture({ fabric }: Lab): {
  readonly started: Promise<void>;
  /** Resolves to what was captured until now, and ends the capture. */
  stop(): Promise<readonly Packet[]>;
} {
  const packets: Packet[] = [];
  const reader = new PcapReader();
  const stream = fabric.stream(
    ...['ip', 'netns', 'exec', 'switch', 'tcpdump', '--interface=any', '--linktype=LINUX_SLL2', '-n'],
    ...['--immediate-mode', '--packet-buffered', '--time-stamp-precision=nano', '-w', '-'],
    // Each packet takes a whole snapshot's length of the kernel's buffer: by default it holds eight.
    ...['--snapshot-length=16384', '--buffer-size=65536'],
    `tcp port ${PEERS_PORT} or net 198.18.0.0/16`,
  );
  stream.on('data', (piece: Buffer) => packets.push(...reader.push(piece)));
  return {
    started: once(stream, 'data').then(() => {}),
    stop: async () => {
      // The prober's own entry is sent again with each request: there is always another packet.
      const nowNs = BigInt(Date.now()) * 1_000_000n;
      while ((packets.at(-1)?.atNs ?? 0n) < nowNs) {
        await once(stream, 'data', { signal: AbortSignal.timeout(CAPTURE_LIMIT_MS) });
      }
      stream.destroy();
      return packets;
    },
  };
}

interface Segment {
  /** Its two ports: peers that lost each other meet again over another connection. */
  readonly connection: string;
  readonly atNs: bigint;
  readonly sent: boolean;
  readonly port: number;
  readonly data: Buffer;
  readonly payload: Buffer;
  readonly sequence: number;
  readonly ack: number;
}

/** A segment of the peers' connection; undefined for all else. */
function peersSegment({ atNs, data }: Packet): Segment | undefined {
  if (![AT.from, AT.to].some((at) => data.readUInt16BE(at) === PEERS_PORT)) return undefined;
  const payload = data.subarray(
    AT.from + (data.readUInt8(AT.offset) >> 4) * 4,
    AT.ip + data.readUInt16BE(AT.ipLength),
  );
  const ports = [AT.from, AT.to].map((at) => data.readUInt16BE(at)).sort((one, other) => one - other);
  return {
    connection: ports.join(' '),
    atNs,
    data,
    payload,
    sent: data.readUInt8(AT.direction) === OUTGOING,
    port: data.readUInt32BE(AT.interface),
    sequence: data.readUInt32BE(AT.sequence),
    ack: data.readUInt32BE(AT.ack),
  };
}

/**
 * From the answer to a client, whose entry the master then has, to the arrival of the message with its address at the
 * backup: when the switch sent the whole of it there, or the backup acknowledged it; ms. An address that lies in two
 * segments is not found.
 */
function lagsOnTheWire(packets: readonly Packet[], backupPort: number): readonly number[] {
  const segments = packets.flatMap((packet) => peersSegment(packet) ?? []);
  return Array.from({ length: VISITS }, (_, n) => n).flatMap((n) => {
    const client = Buffer.from([198, 18, 0, 1 + n]);
    const answer = packets.find(
      ({ data }) => data.includes(client, AT.ip) && data.includes('HTTP/1.1 200', AT.ip),
    );
    const learned = segments
      .filter(({ sent, port, payload }) => !sent && port !== backupPort && payload.includes(client))
      .flatMap((told) => learnedAt(segments, told, client, backupPort) ?? []);
    return answer && learned.length > 0
      ? [Math.min(...learned.map((atNs) => Number(atNs - answer.atNs) / 1e6))]
      : [];
  });
}

/** When the backup had what a segment told; undefined where it did not get it over that connection. */
function learnedAt(
  segments: readonly Segment[],
  told: Segment,
  client: Buffer,
  backupPort: number,
): bigint | undefined {
  const reach = told.payload.indexOf(client) + client.length;
  // Sequence numbers go round (RFC 9293, section 3.4).
  const beyond = (sequence: number) => ((sequence - told.sequence) | 0) >= reach;
  return segments.find(
    ({ connection, atNs, port, sent, sequence, ack, payload }) =>
      connection === told.connection &&
      atNs >= told.atNs &&
      port === backupPort &&
      (sent
        ? ((sequence - told.sequence) | 0) <= reach - client.length && beyond(sequence + payload.length)
        : beyond(ack)),
  )?.atNs;
}

async function portIndex({ fabric }: Lab, { instance }: LabNode): Promise<number> {
  const [link] = await fabric.run({ argv: ['ip', '-n', 'switch', '-j', 'link', 'show', instance.name] });
  return (JSON.parse(link?.stdout ?? '[]') as { ifindex: number }[])[0]?.ifindex ?? Number.NaN;
}

for (const cutMs of [0, 200, 3000]) {
  test.serial(`peers that are cut for ${cutMs} ms lag as the capture says`, async (t) => {
    t.timeout(LIMIT_MS);
    let lagsMs: readonly number[] = [];
    /** From before the first session until the peers reach each other again. */
    let apartMs = Number.NaN;
    const scenario: Scenario = {
      name: 'peers-cut',
      title: 'the peers are cut while sessions are made',
      group: 'state',
      story: 'For the test of the instrument alone.',
      loadBalancer: { pool: { session_persistence: { type: 'SOURCE_IP' } } },
      model: upTo('whatever it takes: the lag of the peers is what is looked at', LIMIT_MS),
      async run({ lab, master, backup, traffic, fault, heal, mark, expect }) {
        const captured = capture(lab);
        await captured.started;
        if (cutMs > 0) await fault.losePeers();
        else await mark('visits begin');
        const fromMs = performance.now();
        await traffic.visits(VISITS);
        await delay(cutMs);
        if (cutMs > 0) await heal.loseNothing();
        apartMs = performance.now() - fromMs;
        for (const amphora of [master, backup]) await expect.tableEntries(amphora, { least: ENTRIES });
        lagsMs = lagsOnTheWire(await captured.stop(), await portIndex(lab, backup));
      },
    };
    await using seen = await validRun(t, scenario);
    const { metrics, status, reason } = seen.run;
    t.is(status, 'passed', reason);
    const sorted = lagsMs.toSorted((one, other) => one - other);
    const [least, most] = [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN];
    const middle = sorted.length > 0 ? median(sorted) : Number.NaN;
    const {
      peerSyncLag = Number.NaN,
      peerSyncLagP95 = Number.NaN,
      peerSyncMissing = Number.NaN,
      peerSyncEntries = Number.NaN,
      peerSyncUncertainty = Number.NaN,
    } = metrics;
    t.log(
      `wire (${sorted.length} of ${VISITS}) ${least.toFixed(1)} to ${most.toFixed(1)} ms, median ${middle.toFixed(1)}; found ${JSON.stringify(metrics)}`,
    );
    t.true(sorted.length >= SEEN_MIN, `${sorted.length} of ${VISITS} were found in the capture`);
    // TCP waits twice as long each time (RFC 6298, section 5.5): at most once more what it has waited by then.
    const mostMs = 2 * apartMs + FIRST_RETRANSMISSION_MS;
    t.true(least >= cutMs && most < mostMs, `${least} to ${most} ms on the wire, apart for ${apartMs} ms`);
    // What a busy machine makes less certain is said, too.
    const withinMs = Math.max(WITHIN_MS, peerSyncUncertainty);
    t.true(Math.abs(peerSyncLag - middle) <= withinMs, `median ${peerSyncLag}, ${middle} on the wire`);
    const { history } = await readStoredRun(seen.folder);
    const waitsMs = history.flatMap((each) => (each.kind === 'processor' ? [each.waitedMs] : []));
    // After the wire, the last entry waits for HAProxy's turn, and for the turn of who asks for it.
    const lateMs = withinMs + 2 * Math.max(0, ...waitsMs);
    // Beside the visits' entries, one may be under way when the run ends: without it the last is the 95th percentile.
    t.true(
      peerSyncEntries >= VISITS && peerSyncMissing <= 1,
      `${peerSyncEntries}, ${peerSyncMissing} missing`,
    );
    const { peerSyncLagMax = peerSyncLagP95 } = metrics;
    t.true(
      peerSyncLagMax >= most - withinMs && peerSyncLagMax <= most + lateMs,
      `maximum ${peerSyncLagMax}, ${most} on the wire, ${lateMs} ms may lie between`,
    );
    const waitedMs = waitsMs.reduce((sum, each) => sum + each, 0);
    t.true(peerSyncUncertainty <= UNCERTAIN_MAX_MS + waitedMs, `${peerSyncUncertainty}, waited ${waitedMs}`);
  });
}
