import { glob, readFile } from 'node:fs/promises';
import test from 'ava';
import fc from 'fast-check';
import type { Observation } from '../../observations/observation.ts';
import { backup, master, VIP } from './failover.fixture.ts';
import type { PairFacts } from './pair.ts';
import type { Phases } from './phases.ts';
import { type Act, historyOf, placed } from './synthetic.fixture.ts';
import { type Reading, readTimeline } from './timeline.ts';

const FACTS: PairFacts = { vip: VIP, master, backup, probeIntervalMs: 10 };
const HISTORIES = 1000;
/** Sums of doubles. */
const EXACT_MS = 1e-6;

const share = fc.double({ min: 0, max: 1, noNaN: true });
const act: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom('fault', 'heal', 'change', 'mark'),
  afterMs: fc.integer({ min: 400, max: 1500 }),
  delayMs: fc.integer({ min: 0, max: 300 }),
  outageMs: fc.oneof(fc.constant(0), fc.double({ min: 30, max: 2000, noNaN: true })),
  packets: fc.boolean(),
  takeOver: fc.tuple(share, share, share, share),
});

const sum = (lengths: readonly number[]) => lengths.reduce((total, length) => total + length, 0);
const addsUp = (phases: Phases | undefined, outageMs: number | undefined) =>
  Math.abs(sum(Object.values(phases ?? {})) - (outageMs ?? 0)) < EXACT_MS;

/** What must hold of every reading, whatever happened: each mistake as a sentence. */
function mistakesIn(history: readonly Observation[], readings: readonly Reading[]): readonly string[] {
  const deeds = history.filter((entry) => entry.kind === 'lab' && entry.what !== 'step').length;
  const [first] = readings;
  // What failed before anything was done is nobody's.
  const sinceNs = (first?.atNs ?? 0n) + BigInt(Math.round(1e6 * Math.min(0, first?.metrics.outageFrom ?? 0)));
  const failed = history.filter(
    (entry) => entry.kind === 'request' && entry.outcome === 'failed' && BigInt(entry.atNs) >= sinceNs,
  ).length;
  const lost = sum(readings.map(({ metrics }) => metrics.lost ?? 0));
  return [
    ...(readings.length === deeds ? [] : [`${readings.length} episodes of ${deeds} things done`]),
    ...(lost === failed ? [] : [`${lost} requests lost of ${failed}`]),
    ...readings.flatMap(({ deed, metrics, phases, packetPhases, losses }) => [
      ...(addsUp(phases, metrics.outage) ? [] : [`${deed.name}: its phases are no ${metrics.outage} ms`]),
      ...(addsUp(packetPhases, metrics.packetOutage) ? [] : [`${deed.name}: those of packets`]),
      ...(sum(Object.values(losses)) === (metrics.lost ?? 0) ? [] : [`${deed.name}: losses by kind`]),
    ]),
  ];
}

test(`of ${HISTORIES} stories each outage is assigned to what began it, split into phases, and each loss counted once`, (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(act, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (acts, offsetMs) => {
          const story = placed(acts);
          const history = historyOf(story, offsetMs);
          const readings = readTimeline(history, FACTS);
          const wrong = story.flatMap(({ outageMs, packets }, n) => {
            const { outage = Number.NaN, uncertainty = 0, packetOutage = 0 } = readings[n]?.metrics ?? {};
            const off = Math.abs(outage - outageMs);
            return [
              ...(off <= (outageMs > 0 ? uncertainty + EXACT_MS : 0)
                ? []
                : [`act ${n + 1}: ${outage} ms for ${outageMs}`]),
              ...(Math.abs(packetOutage - (packets ? outageMs : 0)) <= 1
                ? []
                : [`act ${n + 1}: ${packetOutage} ms of packets for ${outageMs}`]),
            ];
          });
          const mistakes = [...mistakesIn(history, readings), ...wrong];
          if (mistakes.length > 0) throw new Error(mistakes.join('; '));
        },
      ),
      { numRuns: HISTORIES },
    ),
  );
});

test('every stored history keeps the same rules', async (t) => {
  const root = new URL('../..', import.meta.url);
  const files = await Array.fromAsync(glob('**/example/**/observations.jsonl', { cwd: root }));
  t.true(files.length > 0);
  for (const file of files) {
    const lines = (await readFile(new URL(file, root), 'utf8')).split('\n').filter((line) => line !== '');
    const history = lines.map((line) => JSON.parse(line) as Observation);
    t.deepEqual(mistakesIn(history, readTimeline(history, FACTS)), [], file);
  }
});
