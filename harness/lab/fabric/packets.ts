import { isIPv6 } from 'node:net';
import type { Writable } from 'node:stream';
import type { Observation } from '../../observations/observation.ts';
import { PacketTally } from '../../observations/packet-tally.ts';
import { PcapReader } from '../../observations/pcap.ts';
import { LATER_MS, writeGathered } from '../../streams/batched-lines.ts';
import type { RealtimeClock } from './clock.ts';
import type { PacketsRequest } from './protocol.ts';
import { startProgram } from './start-program.ts';

/** trafgen begins each gap a little late: asked for this, it keeps a spacing of 1 ms. */
const GAP_US = 940;
/** Ethernet, IPv6 and the first bytes of the echo, or the ports. */
const SNAP_LENGTH_BYTES = 64;

/**
 * The kernel hands captured packets over in blocks. tcpdump has it do so after a second, and after 100 ms where it prints each
 * line at once: what it prints goes nowhere. What it writes goes through a pipe, as it cannot open a socket of Node's.
 */
const CAPTURE = 'tcpdump -w /dev/fd/3 -q -t -l --print "$@" 3>&1 >/dev/null | cat';

/**
 * Sends echo requests at a spacing of 1 ms, on schedule, and captures requests and replies at the client's
 * interface, and of the first packet of each answer to the other probers: instants are the kernel's, not those of a
 * process that must be scheduled. What the capture tells is written as lines of JSON, and so is that one of both programs ended. Ends when `output` is closed.
 */
export function probePackets(request: PacketsRequest, clock: RealtimeClock, output: Writable): void {
  const options = [
    '--interface=eth0',
    '--time-stamp-precision=nano',
    '-n',
    `--snapshot-length=${SNAP_LENGTH_BYTES}`,
  ];
  const capture = startProgram('sh', ['-c', CAPTURE, 'sh', ...options, captured(request.to.ip)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  // It only sends, from one frame that it has made before: a program that waits for answers too costs an observed
  // lab three times as much.
  const sender = startProgram(
    'trafgen',
    [
      ...['--dev', 'eth0', '--gap', `${GAP_US}us`, '--cpus', '1', '--no-sock-mem', '--qdisc-path'],
      ...['--conf', '-'],
    ],
    // It has a process of its own for each processor.
    { stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  );
  sender.stdin.on('error', () => {});
  sender.stdin.end(echoRequest(request));
  const reader = new PcapReader();
  const tally = new PacketTally();
  capture.stdout.on('data', (piece: Buffer) => {
    for (const packet of reader.push(piece)) {
      for (const seen of tally.push(packet)) writeGathered(output, JSON.stringify(seen), LATER_MS);
    }
  });
  for (const [name, program] of Object.entries({ capture, sender })) {
    let complaint = '';
    program.stderr.setEncoding('utf8').on('data', (text) => (complaint = `${complaint}${text}`.slice(-2000)));
    program.on('error', (error) => (complaint = error.message));
    program.on('close', () => {
      if (!output.writable) return;
      const what = `the packet prober's ${name}`;
      const lost: Observation = {
        kind: 'observer lost',
        atNs: String(clock.nowNs()),
        what,
        detail: complaint,
      };
      output.end(`${JSON.stringify(lost)}\n`);
    });
  }
  output.once('close', () => {
    // Each with its group.
    for (const { pid, exitCode } of [capture, sender]) {
      if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL');
    }
  });
}

/** What begins with "HTTP" is the head of an answer. */
const HTTP = '0x48545450';

/** The packets to capture in libpcap's language (pcap-filter(7)), which looks into TCP below IPv4 only. */
export function captured(vip: string): string {
  const answer = isIPv6(vip)
    ? `ip6[6] = 6 and ip6[40 + ((ip6[52] & 0xf0) >> 2):4] = ${HTTP}`
    : `tcp[(tcp[12] & 0xf0) >> 2:4] = ${HTTP}`;
  return `((icmp or icmp6) and host ${vip}) or (src host ${vip} and (udp or (${answer})))`;
}

/** The frame in trafgen's language (trafgen(8)). */
export function echoRequest({ from, to }: PacketsRequest): string {
  const network = isIPv6(to.ip)
    ? `ipv6(saddr=${from.ip}, daddr=${to.ip}, hoplimit=64), icmp6(echorequest)`
    : `ipv4(saddr=${from.ip}, daddr=${to.ip}, ttl=64), icmp4(echorequest)`;
  return `{ eth(saddr=${from.mac}, daddr=${to.mac}), ${network}, fill(0x2e, 16) }\n`;
}
