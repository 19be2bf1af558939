import test from 'ava';
import fc from 'fast-check';
import type { Observation, RequestObservation } from '../../observations/observation.ts';
import { ns } from './failover.fixture.ts';
import { lengthOf, longest, packetOutages, requestOutages } from './outage.ts';

const clock = (atNs: string) => Number(BigInt(atNs) - BigInt(ns(0))) / 1e6;
const ANSWER_MS = 0.6;
const STEADY = { spacingMs: 10, steadyUntilMs: 0, silences: [] };

interface World {
  readonly spacingMs: number;
  readonly patienceMs: number;
  /** When the first request is sent. */
  readonly offsetMs: number;
  /** The service answers nothing from 0 until then. */
  readonly outageMs: number;
  /** Something holds requests for so long at most, and delivers them when the service returns. */
  readonly holdsMs: number;
}

/** What an open-loop prober sees of a service that was away. */
function seen({ spacingMs, patienceMs, offsetMs, outageMs, holdsMs }: World): RequestObservation[] {
  const count = Math.ceil((2000 + outageMs + 1000) / spacingMs);
  return Array.from({ length: count }, (_, sequence): RequestObservation => {
    const sentMs = -2000 + offsetMs + sequence * spacingMs;
    const away = sentMs >= 0 && sentMs < outageMs;
    const heldMs = outageMs - sentMs;
    const held = heldMs <= holdsMs;
    // A handshake that was lost is tried again after 1 and 3 s (RFC 6298, section 2).
    const againMs = [1000, 3000].map((ms) => sentMs + ms).find((ms) => ms >= outageMs) ?? Infinity;
    const reachesMs = !away ? sentMs : held ? outageMs : againMs;
    const answered = reachesMs + ANSWER_MS <= sentMs + patienceMs;
    const endMs = answered ? reachesMs + ANSWER_MS : sentMs + patienceMs;
    const common = {
      kind: 'request' as const,
      sequence,
      atNs: ns(sentMs),
      dueNs: ns(sentMs),
      endNs: ns(endMs),
    };
    return answered
      ? { ...common, outcome: 'answered', servedBy: '172.16.1.3' }
      : { ...common, outcome: 'failed', failure: 'timeout' };
  });
}

function measured(world: World) {
  const { spacingMs, outageMs } = world;
  const silence = {
    fromMs: 0,
    toMs: outageMs,
    aliveMs: 0,
    missedMs: 0,
    causedByMs: 0,
    uncertaintyMs: 1,
    over: true,
  };
  return longest(requestOutages(seen(world), clock, { spacingMs, steadyUntilMs: 0, silences: [silence] }));
}

const world: fc.Arbitrary<World> = fc.record({
  spacingMs: fc.constantFrom(2, 5, 10, 50),
  patienceMs: fc.constantFrom(100, 500, 3000),
  offsetMs: fc.double({ min: 0, max: 50, noNaN: true }),
  outageMs: fc.double({ min: 1, max: 5000, noNaN: true }),
  holdsMs: fc.constantFrom(0, 1000, 3000),
});

test('the outage lies within its uncertainty of the truth, whatever the spacing, the patience and the queue', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(world, (each) => {
        const found = measured(each);
        if (!found) return each.outageMs <= each.spacingMs + 2;
        // One that is late by less than 2 ms does not count as held.
        const off = Math.abs(lengthOf(found) - each.outageMs);
        return off <= found.uncertaintyMs + 0.001 && found.uncertaintyMs <= each.spacingMs + 1.01;
      }),
      { numRuns: 400 },
    ),
  );
});

test('it has no bias: the mean error over all places of the outage between two requests is nothing', (t) => {
  for (const holdsMs of [0, 3000]) {
    for (const outageMs of [50, 95, 652, 3163]) {
      const errors = Array.from({ length: 200 }, (_, n) => {
        const found = measured({ spacingMs: 10, patienceMs: 100, offsetMs: n / 20, outageMs, holdsMs });
        return (found ? lengthOf(found) : 0) - outageMs;
      });
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      t.true(Math.abs(mean) < 0.2, `${outageMs} ms, held ${holdsMs}: ${mean}`);
    }
  }
});

test('patience does not change it', (t) => {
  for (const holdsMs of [0, 3000]) {
    const lengths = [100, 500, 3000].map((patienceMs) =>
      lengthOf(
        measured({ spacingMs: 10, patienceMs, offsetMs: 3, outageMs: 648, holdsMs }) ?? {
          fromMs: 0,
          toMs: 0,
        },
      ),
    );
    t.true(Math.max(...lengths) - Math.min(...lengths) < 0.001, lengths.join(', '));
  }
});

test('what was held says by how much it was late', (t) => {
  const found = measured({ spacingMs: 10, patienceMs: 100, offsetMs: 5, outageMs: 500, holdsMs: 3000 });
  t.is(found?.delayedByMs.length, 10);
  t.true(Math.abs(Math.max(...(found?.delayedByMs ?? [])) - 95) < 0.001);
});

test('where nothing is lost there is no outage, though a scheduler holds a request for a moment', (t) => {
  const quiet = seen({ spacingMs: 10, patienceMs: 950, offsetMs: 0, outageMs: 0, holdsMs: 0 }).map(
    (request) =>
      request.sequence % 37 === 0
        ? { ...request, endNs: String(BigInt(request.endNs) + 12_000_000n) }
        : request,
  );
  t.deepEqual(requestOutages(quiet, clock, STEADY), []);
});

test('one that nobody saw the end of is at least so long, and longer than any that was over', (t) => {
  const gone = seen({ spacingMs: 10, patienceMs: 100, offsetMs: 0, outageMs: 1e6, holdsMs: 0 }).slice(0, 260);
  const found = requestOutages(gone, clock, STEADY);
  t.like(found, [{ over: false }]);
  t.true(Math.abs(lengthOf(found[0] ?? { fromMs: 0, toMs: 0 }) - 595) < 10);
  const over = {
    fromMs: 0,
    toMs: 9000,
    aliveMs: 0,
    missedMs: 0,
    causedByMs: 0,
    uncertaintyMs: 0,
    over: true,
  };
  t.is(longest([over, { ...over, toMs: 10, over: false }])?.toMs, 10);
});

test('a silence of packets that goes on ends with its last entry, and a pause of the prober is none', (t) => {
  const silence = (fromMs: number, untilMs: number, sent: number, open?: true): Observation => ({
    kind: 'silence',
    atNs: ns(fromMs),
    untilNs: ns(untilMs),
    sent,
    spacingMs: 1.2,
    ...(open && { open }),
  });
  const found = packetOutages(
    [
      silence(0, 250, 250, true),
      silence(0, 500, 500, true),
      silence(-300, -274, 1),
      silence(-900, -699, 201),
    ],
    clock,
  );
  t.like(found, [
    { fromMs: -899.5, over: true },
    { fromMs: 0.5, toMs: 500, over: false },
  ]);
});
