import { connect } from 'node:net';
import type { Writable } from 'node:stream';
import { urlHost } from '../../src/domain/url-host.ts';
import { writeGathered } from '../observe/gathered.ts';
import type { RequestObservation } from '../observe/observation.ts';
import type { RealtimeClock } from './clock.ts';
import type { ProbeRequest } from './protocol.ts';

const MS = 1_000_000n;
/** Of all connections: each piece is taken out at once. A stream for each connection costs more. */
const received = Buffer.alloc(16_384);

/**
 * Sends one HTTP request every `intervalMs`, each over a new connection and each at its own due time
 * (open loop: no coordinated omission), and writes what became of it as one line of JSON.
 * Ends when `output` is closed; what is then still under way is written as failed.
 */
export function probe(request: ProbeRequest, clock: RealtimeClock, output: Writable): void {
  const intervalNs = BigInt(Math.round(request.intervalMs * 1e6));
  const firstDueNs = clock.nowNs() + intervalNs;
  let sequence = 0;
  let timer: NodeJS.Timeout | undefined;

  const sendDue = () => {
    const nowNs = clock.nowNs();
    while (firstDueNs + BigInt(sequence) * intervalNs <= nowNs) {
      send(request, sequence, firstDueNs + BigInt(sequence) * intervalNs, clock, output);
      sequence++;
    }
    const nextNs = firstDueNs + BigInt(sequence) * intervalNs;
    timer = setTimeout(sendDue, Math.max(0, Number((nextNs - clock.nowNs()) / MS)));
  };
  output.once('close', () => clearTimeout(timer));
  sendDue();
}

function send(
  { host, port, timeoutMs }: ProbeRequest,
  sequence: number,
  dueNs: bigint,
  clock: RealtimeClock,
  output: Writable,
): void {
  const atNs = clock.nowNs();
  let answer = '';
  let settled = false;
  const socket = connect({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: received,
      callback: (length, buffer) => {
        answer += Buffer.from(buffer.buffer, buffer.byteOffset, length).toString('latin1');
        if (answer.includes('\r\n\r\n')) settle(judge(answer));
        return true;
      },
    },
  });

  const settle = (result: Pick<RequestObservation, 'outcome' | 'servedBy' | 'member' | 'failure'>) => {
    if (settled) return;
    settled = true;
    clearTimeout(limit);
    socket.destroy();
    const observation: RequestObservation = {
      kind: 'request',
      atNs: String(atNs),
      sequence,
      dueNs: String(dueNs),
      endNs: String(clock.nowNs()),
      ...result,
    };
    writeGathered(output, JSON.stringify(observation));
  };
  const limit = setTimeout(() => settle({ outcome: 'failed', failure: 'timeout' }), timeoutMs);

  socket.on('connect', () =>
    socket.write(`GET / HTTP/1.1\r\nHost: ${urlHost(host)}\r\nConnection: close\r\n\r\n`),
  );
  socket.on('end', () => settle({ outcome: 'failed', failure: 'closed before an answer' }));
  socket.on('error', (error: NodeJS.ErrnoException) =>
    settle({ outcome: 'failed', failure: error.code ?? error.message }),
  );
}

function judge(answer: string): Pick<RequestObservation, 'outcome' | 'servedBy' | 'member' | 'failure'> {
  const status = /^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1];
  if (status !== '200') return { outcome: 'failed', failure: `status ${status ?? 'unknown'}` };
  const servedBy = header(answer, 'x-amphora');
  const member = header(answer, 'x-member');
  return { outcome: 'answered', ...(servedBy && { servedBy }), ...(member && { member }) };
}

function header(answer: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.+?)\\r$`, 'im').exec(answer)?.[1];
}
