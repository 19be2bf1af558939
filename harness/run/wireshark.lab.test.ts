import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import keepalivedStop from '../../scenarios/keepalived-stop.ts';
import { programPath } from '../lab/engine/private-engine.ts';
import { validRun } from './one-run.fixture.ts';
import { readStoredRun } from './run-folder.ts';

const LIMIT_MS = 120_000;
const WITHIN_MS = 0.1;
/** In link type LINUX_SLL2: sent by the switch, so not from the node at the port. */
const OUTGOING = '4';
const FIELDS = [
  ...['frame.time_epoch', 'sll.pkttype', 'ip.src', 'vrrp.prio'],
  ...['arp.isgratuitous', 'arp.src.hw_mac', 'frame.comment'],
] as const;

/** A packet as tshark reads it. */
type Dissected = Readonly<Record<(typeof FIELDS)[number], string>>;

const tshark = programPath('tshark');
/** Where Wireshark is not installed, its test is skipped. */
const testWithWireshark = tshark ? test : test.skip;

async function dissected(capture: string): Promise<readonly Dissected[]> {
  const { stdout } = await execa(tshark ?? '', [
    ...['-n', '-r', capture, '-T', 'fields', '-E', 'separator=/t'],
    ...FIELDS.flatMap((field) => ['-e', field]),
  ]);
  return stdout.split('\n').map((line) => {
    const values = line.split('\t');
    return Object.fromEntries(FIELDS.map((field, n) => [field, values[n] ?? ''])) as Dissected;
  });
}

/** ns since the epoch, of seconds with nine decimals. */
const nsOf = (seconds = '') => BigInt(seconds.replace('.', ''));

testWithWireshark('tshark reads every instant of a capture as the result tells it', async (t) => {
  t.timeout(LIMIT_MS);
  await using seen = await validRun(t, keepalivedStop);
  const { run, folder } = seen;
  t.truthy(run.faultAt, run.reason);
  const { pair } = (await readStoredRun(folder)).facts;
  if (!pair) return t.fail('The run has no pair.');
  const packets = await dissected(join(folder, 'capture.pcapng'));
  const commented = (what: RegExp) =>
    packets.flatMap(({ 'frame.comment': text }) => what.exec(text)?.groups?.at ?? [])[0];
  const fault = commented(/fault: keepalived stopped \(amphora-[12]\) at (?<at>[\d.]+)/);
  if (!fault) return t.fail('No packet has the fault as its comment.');
  const received = packets.filter((packet) => packet['sll.pkttype'] !== OUTGOING);
  const after = (packet: Dissected) => nsOf(packet['frame.time_epoch']) > nsOf(fault);
  const alive = (packet: Dissected) => Number(packet['vrrp.prio']) > 0;
  const from = ({ vrrpIp }: { vrrpIp: string }) => received.filter((packet) => packet['ip.src'] === vrrpIp);
  const read = {
    fault,
    lastAdvertisement: from(pair.master).findLast((packet) => alive(packet) && !after(packet)),
    detection: from(pair.backup).find((packet) => alive(packet) && after(packet)),
    firstGarp: received.find(
      (packet) =>
        /^(1|True)$/.test(packet['arp.isgratuitous']) &&
        packet['arp.src.hw_mac'] === pair.backup.mac &&
        after(packet),
    ),
    vipAdded: commented(
      new RegExp(`${pair.vip.replaceAll('.', '\\.')} added on ${pair.backup.node} at (?<at>[\\d.]+)`),
    ),
  };
  /** Ms after the fault. */
  const sinceFault = (at: string | Dissected | undefined) =>
    Number(nsOf(typeof at === 'object' ? at['frame.time_epoch'] : at) - nsOf(fault)) / 1e6;
  const { advertPhase, detection, firstGarp, vipAdded } = run.metrics;
  const instants = [
    ['fault', 0, Number(nsOf(fault) - BigInt(run.faultAt?.ns ?? 0)) / 1e6],
    ['last advertisement before the fault', -(advertPhase ?? Number.NaN), sinceFault(read.lastAdvertisement)],
    ['first advertisement of the new master', detection, sinceFault(read.detection)],
    ['VIP on its interface', vipAdded, sinceFault(read.vipAdded)],
    ['first gratuitous ARP', firstGarp, sinceFault(read.firstGarp)],
  ] as const;
  for (const [what, ours = Number.NaN, theirs] of instants) {
    t.true(Math.abs(ours - theirs) <= WITHIN_MS, `${what}: ${ours} ms, tshark ${theirs} ms after the fault`);
    t.log(`${what}: ${ours.toFixed(4)} ms, tshark ${theirs.toFixed(4)} ms`);
  }
});
