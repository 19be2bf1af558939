import type { Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { RequestObservation } from '../../observations/observation.ts';
import { toldOf } from './clients-server.fixture.ts';
import { probe } from './prober.ts';

const INTERVAL_MS = 20;
const PATIENCE_MS = 200;
const COUNT = 3;
const ANSWER = 'HTTP/1.1 200 OK\r\nX-Amphora: 172.16.1.3\r\nX-Member: member1\r\n\r\n';

/** The first requests that a prober has sent to a server on loopback which does this with each connection. */
async function seen(
  t: ExecutionContext,
  serve: (socket: Socket) => void,
  timeoutMs = 30_000,
): Promise<readonly RequestObservation[]> {
  const requests = await toldOf<RequestObservation>(
    t,
    serve,
    (server, clock, output) =>
      probe({ ...server, transport: 'tcp', intervalMs: INTERVAL_MS, timeoutMs }, clock, output),
    ({ length }) => length >= COUNT,
  );
  return requests.slice(0, COUNT);
}

const ms = (fromNs: string, toNs: string) => Number(BigInt(toNs) - BigInt(fromNs)) / 1e6;

test('an answer names the amphora and the member, and each request has its own due time', async (t) => {
  const requests = await seen(t, (socket) => socket.once('data', () => socket.end(ANSWER)));
  for (const [n, request] of requests.entries()) {
    t.like(request, { outcome: 'answered', servedBy: '172.16.1.3', member: 'member1', sequence: n });
    t.true(BigInt(request.atNs) >= BigInt(request.dueNs));
    t.true(BigInt(request.endNs) >= BigInt(request.atNs));
  }
  t.is(ms(requests[0]?.dueNs ?? '0', requests[1]?.dueNs ?? '0'), INTERVAL_MS);
  // Each has a connection of its own, and tells its port.
  t.is(new Set(requests.map(({ port }) => port)).size, COUNT);
});

test('the next request is not held up by one that has no answer, which is given up after its patience', async (t) => {
  const requests = await seen(t, () => {}, PATIENCE_MS);
  for (const { outcome, failure, atNs, endNs } of requests) {
    t.deepEqual([outcome, failure], ['failed', 'timeout']);
    t.true(ms(atNs, endNs) >= PATIENCE_MS - 1, String(ms(atNs, endNs)));
  }
  // All were sent before the first was given up.
  t.true(ms(requests[0]?.dueNs ?? '0', requests[2]?.dueNs ?? '0') < PATIENCE_MS);
});

for (const [what, serve, failure] of [
  [
    'a status that HAProxy answers itself',
    (socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'),
    'status 503',
  ],
  ['a connection that is closed without an answer', (socket) => socket.end(), 'closed before an answer'],
  ['a connection that is reset', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
] as readonly [string, (socket: Socket) => void, string][]) {
  test(`${what} is a failure with its cause: ${failure}`, async (t) => {
    const requests = await seen(t, (socket) => socket.once('data', () => serve(socket)));
    t.deepEqual(
      requests.map((request) => [request.outcome, request.failure]),
      requests.map(() => ['failed', failure]),
    );
  });
}

test('an answer in pieces is one answer', async (t) => {
  const requests = await seen(t, (socket) =>
    socket.once('data', () => {
      socket.write(ANSWER.slice(0, 20));
      setImmediate(() => socket.end(ANSWER.slice(20)));
    }),
  );
  t.true(requests.every(({ outcome, member }) => outcome === 'answered' && member === 'member1'));
});
