import test from 'ava';
import fc from 'fast-check';
import { agreementsOf, type Seen } from './agreement.ts';

const START_NS = 1_700_000_000_000_000_000n;
const at = (ms: number) => START_NS + BigInt(Math.round(ms * 1e6));
const SPACINGS = { outage: 10, packetOutage: 1.2 };

function episode(name: string, ms: number, metrics: Record<string, number>, over = true) {
  const instant = { iso: '', ns: String(at(ms)) };
  return { kind: 'fault' as const, name, target: 'amphora-1', at: instant, judged: true, metrics, over };
}

/** A client with a spacing of 5 ms that is answered but in these times, each [from, to). */
function client(offsetMs: number, ...away: readonly (readonly [number, number])[]): Seen {
  const answersNs = Array.from({ length: 2000 }, (_, n) => -1000 + offsetMs + n * 5)
    .filter((ms) => !away.some(([from, to]) => ms >= from && ms < to))
    .map(at);
  return { client: 'another', metric: 'outage', spacingMs: 5, answersNs, untilNs: at(9000) };
}

test('whatever lies within both spacings of a true outage agrees, wherever requests lie', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.double({ min: 20, max: 4000, noNaN: true }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        fc.double({ min: -9.9, max: 9.9, noNaN: true }),
        (lengthMs, offsetMs, errorMs) => {
          const run = { episodes: [episode('power loss', 0, { outage: lengthMs + errorMs })] };
          const [found] = agreementsOf(run, client(offsetMs, [0, lengthMs]), SPACINGS);
          return found?.agrees === true;
        },
      ),
    ),
  );
});

test('a figure that is off by more than both spacings disagrees, on either side', (t) => {
  for (const errorMs of [-21, 21]) {
    const run = { episodes: [episode('power loss', 0, { outage: 500 + errorMs })] };
    t.like(agreementsOf(run, client(2, [0, 500]), SPACINGS), [{ agrees: false, allowedMs: 15 }]);
  }
});

test('each episode is compared with the gap that began in it', (t) => {
  const run = {
    episodes: [
      episode('frozen', 0, { outage: 3100 }),
      episode('thawed', 4000, { outage: 240 }),
      episode('left alone', 6000, { outage: 0 }),
    ],
  };
  const found = agreementsOf(run, client(2, [0, 3100], [4000, 4240]), SPACINGS);
  t.deepEqual(
    found.map(({ name, gapMs, agrees }) => [name, gapMs, agrees]),
    [
      ['frozen', 3105, true],
      ['thawed', 245, true],
      ['left alone', 5, true],
    ],
  );
  const missed = agreementsOf(run, client(2, [0, 3100], [4000, 4240], [6000, 6200]), SPACINGS);
  t.false(missed.at(-1)?.agrees, 'a loss that we did not see');
});

test('an outage that is not over agrees with a client that is answered no more, and with no other', (t) => {
  const gone = { episodes: [episode('both gone', 0, { outage: 4000 }, false)] };
  t.like(agreementsOf(gone, client(2, [0, 1e6]), SPACINGS), [{ agrees: true, gapOver: false }]);
  t.like(agreementsOf(gone, client(2, [0, 4000]), SPACINGS), [{ agrees: false, gapOver: true }]);
  const back = { episodes: [episode('one gone', 0, { outage: 4000 })] };
  t.like(agreementsOf(back, client(2, [0, 1e6]), SPACINGS), [{ agrees: false }]);
});
