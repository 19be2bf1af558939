/**
 * A program of its own that runs in the client's namespace of a lab, whichever checkout the lab is of: it asks the VIP in
 * one regime, captures at the client's interface meanwhile, and prints what each request waited. It reads the capture after
 * the load, so that its own work takes nothing from what is measured.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { urlHost } from '../../../src/domain/url-host.ts';
import { PcapReader } from '../../observations/pcap.ts';
import { evened, type RequestWait, RequestWaits } from '../../observations/request-waits.ts';
import { BEGUN, type CapturedWaits, type LoadRequest, type LoadResult } from './request-load.ts';

/** The headers of Ethernet, IPv6 and TCP with all its options, and the first line of an answer. */
const SNAP_LENGTH_BYTES = 14 + 40 + 60 + 16;
/** For a second of 20,000 packets while this process does not run. */
const CAPTURE_BUFFER_KIB = 16_384;
/** tcpdump hands its packets over in blocks, each after a second at the most. */
const CAPTURE_LIMIT_MS = 5000;
const CAPTURE_POLL_MS = 50;
/** Shared by all connections: each piece is read at once. */
const received = Buffer.alloc(16_384);

interface Tally {
  answered: number;
  failed: number;
  lateMs: number;
  head: string;
  printed?: string;
}

async function main(request: LoadRequest): Promise<void> {
  const capture = request.captured ? await beginCapture(request) : undefined;
  process.stdout.write(`${BEGUN}\n`);
  const tally: Tally = { answered: 0, failed: 0, lateMs: 0, head: '' };
  const startedMs = performance.now();
  const { meanwhile } = request;
  const deed = meanwhile && delay(meanwhile.afterMs).then(() => run(meanwhile.argv));
  await loadOf(request, tally);
  await deed;
  const durationMs = performance.now() - startedMs;
  const waits = await capture?.();
  const servedBy = /^x-amphora: *(\S+)/im.exec(tally.head)?.[1];
  const { answered, failed, lateMs, printed } = tally;
  const result: LoadResult = {
    ...{ answered, failed, durationMs, lateMs },
    ...(servedBy !== undefined && { servedBy }),
    ...(printed !== undefined && { printed }),
    ...(waits && { waits }),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function loadOf(request: LoadRequest, tally: Tally): Promise<void> {
  const { regime, durationMs } = request;
  const fromMs = performance.now();
  switch (regime.kind) {
    case 'schedule': {
      const asked: Promise<void>[] = [];
      for (let n = 0; n * regime.intervalMs < durationMs; n++) {
        const dueMs = fromMs + n * regime.intervalMs;
        const earlyMs = dueMs - performance.now();
        if (earlyMs > 0) await delay(earlyMs);
        tally.lateMs = Math.max(tally.lateMs, performance.now() - dueMs);
        asked.push(ask(request, tally));
      }
      await Promise.all(asked);
      return;
    }
    case 'closed loop': {
      const client = async () => {
        while (performance.now() - fromMs < durationMs) await ask(request, tally);
      };
      await Promise.all(Array.from({ length: regime.clients }, client));
      return;
    }
    case 'program':
      tally.printed = await run(regime.argv);
  }
}

/** Resolves when the answer has been read to its end, or the request is given up. */
function ask({ host, port, patienceMs }: LoadRequest, tally: Tally): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let good = false;
  const socket = connect({
    ...{ host, port, noDelay: true },
    onread: {
      buffer: received,
      callback: (length, buffer) => {
        if (!good) {
          tally.head = Buffer.from(buffer.buffer, buffer.byteOffset, length).toString('latin1');
          good = /^HTTP\/1\.\d 200/.test(tally.head);
        }
        return true;
      },
    },
  });
  const patience = setTimeout(() => {
    good = false;
    socket.destroy();
  }, patienceMs);
  socket.write(`GET / HTTP/1.1\r\nHost: ${urlHost(host)}\r\nConnection: close\r\n\r\n`);
  socket.on('error', () => (good = false));
  socket.on('close', () => {
    clearTimeout(patience);
    if (good) tally.answered++;
    else tally.failed++;
    resolve();
  });
  return promise;
}

/** @throws when it fails */
async function run([program = '', ...args]: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr || stdout}`);
  return stdout;
}

/** Resolves when packets are captured; what it gives ends the capture and reads it. */
async function beginCapture({ host, port }: LoadRequest): Promise<() => Promise<CapturedWaits>> {
  const capture = spawn(
    'tcpdump',
    [
      ...['--interface=eth0', '--time-stamp-precision=nano', '-n', `--snapshot-length=${SNAP_LENGTH_BYTES}`],
      ...[`--buffer-size=${CAPTURE_BUFFER_KIB}`, '-w', '-', `host ${host} and tcp port ${port}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const pieces: Buffer[] = [];
  capture.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  let said = '';
  capture.stderr.setEncoding('latin1').on('data', (piece: string) => (said += piece));
  const ended = once(capture, 'close');
  const until = async (holds: () => boolean, poll?: () => void) => {
    const limitMs = performance.now() + CAPTURE_LIMIT_MS;
    while (!holds()) {
      if (capture.exitCode !== null) throw new Error(`the capture ended: ${said}`);
      if (performance.now() > limitMs) return;
      poll?.();
      await delay(CAPTURE_POLL_MS);
    }
  };
  await until(() => said.includes('listening on'));
  return async () => {
    // tcpdump(1), SIGUSR1: it reports how many packets it has read, and how many there were.
    said = '';
    await until(
      () => lostOf(said) === 0,
      () => capture.kill('SIGUSR1'),
    );
    capture.kill('SIGTERM');
    await ended;
    return waitsOf(pieces, lostOf(said) ?? 0);
  };
}

/** How many packets of the latest report were received, or dropped, and not captured. */
function lostOf(said: string): number | undefined {
  const last = (pattern: RegExp) => {
    const found = [...said.matchAll(pattern)].at(-1)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const captured = last(/(\d+) packets? captured/g);
  const received = last(/(\d+) packets? received by filter/g);
  const dropped = last(/(\d+) packets? dropped by kernel/g);
  if (captured === undefined || received === undefined || dropped === undefined) return undefined;
  return Math.max(0, received - captured) + dropped;
}

function waitsOf(pieces: readonly Buffer[], lostPackets: number): CapturedWaits {
  const [reader, waits] = [new PcapReader(), new RequestWaits()];
  const found: RequestWait[] = [];
  let lastNs = 0n;
  for (const packet of pieces.flatMap((piece) => reader.push(piece))) {
    found.push(...waits.push(packet));
    lastNs = packet.atNs;
  }
  found.push(...waits.end(lastNs));
  return { ...evened(found), lostPackets };
}

void main(JSON.parse(process.argv[2] ?? '') as LoadRequest);
