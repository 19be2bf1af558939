import test from 'ava';
import fc from 'fast-check';
import { asBounds, type Bounds } from '../analysis/model/bounds.ts';
import {
  atLeast,
  checkRefused,
  checkTimesOut,
  farewell,
  isExact,
  type Model,
  masterSilentlyGone,
  noOutage,
  overPhases,
  pairUnder,
  silentMaster,
  unannounced,
  upTo,
} from './models.ts';
import { parametersFor } from './parameters.ts';

const under = (...set: string[]) => pairUnder(parametersFor(undefined, set));
const demanded = (model: Model, phaseMs = 0, ...set: string[]): Bounds =>
  asBounds(model({ ...under(...set), phaseMs, servedMs: 0 }));
const exactly = (ms: number) => ({ min: ms, max: ms });
/** Skew of the backup, whose priority is 90: RFC 3768, section 6.1. */
const SKEW_MS = ((256 - 90) / 256) * 1000;

test('a silent master costs three intervals and the skew, less what had passed since it was heard', (t) => {
  t.deepEqual(demanded(silentMaster), exactly(3000 + SKEW_MS));
  t.deepEqual(demanded(silentMaster, 400), exactly(2600 + SKEW_MS));
  t.deepEqual(demanded(silentMaster, 0, 'advert_int=2'), exactly(6000 + SKEW_MS));
  // In version 3, the skew is a share of the interval (RFC 5798, section 6.1).
  const faster = demanded(silentMaster, 0, 'vrrp_version=3', 'advert_int=0.1');
  t.true(Math.abs(faster.min - (300 + SKEW_MS / 10)) < 0.01);
});

test('as long as the holder goes on answering, its silence costs nobody anything', (t) => {
  const model = silentMaster({ ...under(), phaseMs: 400, servedMs: 1000 });
  t.is(model, 1600 + SKEW_MS);
});

test('a farewell costs the skew, whatever the phase', (t) => {
  for (const phaseMs of [0, 999]) t.deepEqual(demanded(farewell, phaseMs), exactly(SKEW_MS));
});

test('a check that is refused is counted at once, one that times out waits for its socket', (t) => {
  const set = ['check_interval=6', 'fail_count=2'];
  t.deepEqual(demanded(checkRefused, 0, ...set), { min: 6000 + SKEW_MS, max: 12_000 + SKEW_MS });
  t.deepEqual(demanded(checkTimesOut, 0, ...set), { min: 11_000 + SKEW_MS, max: 17_000 + SKEW_MS });
});

test('a check with a weight lowers the priority: a backup that preempts takes over when its timer ends', (t) => {
  const { holder, other } = under();
  const after = (failedPriority: number, preempts: boolean) =>
    asBounds(
      checkRefused({
        holder: { ...holder, check: { intervalMs: 1000, fall: 2, rise: 2, failedPriority } },
        ...{ other: { ...other, preempts }, phaseMs: 0, servedMs: 0 },
      }),
    );
  t.deepEqual(after(80, true), { min: 1000 + 2000 + SKEW_MS, max: 2000 + 3000 + SKEW_MS });
  for (const stays of [after(90, true), after(80, false)]) t.is(stays.max, Number.POSITIVE_INFINITY);
});

test('a check that times out costs an interval more with keepalived 2.3.3, and what is unknown allows both', (t) => {
  const by = (keepalived: string | undefined) =>
    asBounds(checkTimesOut({ ...under(), keepalived, phaseMs: 0, servedMs: 0 }));
  t.deepEqual(by('2.2.7'), { min: 10_000 + SKEW_MS, max: 15_000 + SKEW_MS });
  t.deepEqual(by('1:2.3.3-1'), { min: 15_000 + SKEW_MS, max: 20_000 + SKEW_MS });
  t.like(by(undefined), { min: by('2.2.7').min, max: by('2.3.3').max });
  t.regex(by('2.3').unsure ?? '', /keepalived runs is not known/);
  t.is(by('2.3.3').unsure, undefined);
});

test('how long a check waits by itself is as its pair says, and what nobody knows allows all', (t) => {
  const of = (checkWaitsMs: number | null) =>
    asBounds(checkTimesOut({ ...under(), keepalived: '2.2.7', checkWaitsMs, phaseMs: 0, servedMs: 0 }));
  t.deepEqual(of(800), { min: 5800 + SKEW_MS, max: 10_800 + SKEW_MS });
  t.deepEqual(of(null), { min: 5000 + SKEW_MS, max: 15_000 + SKEW_MS });
});

test('where nothing checks the holder, nothing bounds the outage', (t) => {
  const { holder, other } = under();
  const { check: _, ...unchecked } = holder;
  for (const model of [checkRefused, checkTimesOut]) {
    const bounds = asBounds(model({ holder: unchecked, other, phaseMs: 0, servedMs: 0 }));
    t.deepEqual(bounds, { min: 0, max: Number.POSITIVE_INFINITY });
  }
});

test('an announcement that is lost comes again after the delay or with the refresh, whichever is first', (t) => {
  const { holder, other } = under();
  const waits = (garpRefreshMs: number) => {
    const pair = { holder, other: { ...other, garpRefreshMs, garpDelayMs: 5000 } };
    const { min, max } = asBounds(unannounced({ ...pair, phaseMs: 0, servedMs: 0 }));
    t.is(min, 3000 + SKEW_MS);
    return max - min;
  };
  t.is(waits(2000), 2000);
  t.is(waits(60_000), 5000);
  t.is(waits(0), 5000, 'a refresh of 0 is none');
});

test('who steps down without a word and forwards nothing leaves its clients until the next refresh', (t) => {
  const { holder, other } = under();
  const met = (holderForwards: boolean | undefined, garpRefreshMs: number) =>
    masterSilentlyGone({
      ...{ holder: other, other: { ...holder, garpRefreshMs }, phaseMs: 0, servedMs: 0 },
      ...(holderForwards !== undefined && { holderForwards }),
    });
  t.deepEqual(met(undefined, 5000), exactly(0));
  t.deepEqual(met(false, 5000), { min: 0, max: 5000 });
  t.deepEqual(met(false, 0), { min: 0, max: Number.POSITIVE_INFINITY });
});

test('what no protocol bounds is bounded by its story', (t) => {
  t.deepEqual(demanded(noOutage), exactly(0));
  t.deepEqual(demanded(upTo('as long as it lasts', 4500)), { min: 0, max: 4500 });
  t.deepEqual(demanded(atLeast('two intervals', 2000)), { min: 2000, max: Number.POSITIVE_INFINITY });
  t.is(upTo('as long as it lasts', 4500).says, 'as long as it lasts');
});

test('the bounds over all phases hold at each of them', (t) => {
  const pair = under();
  const all = overPhases(silentMaster, pair);
  t.deepEqual(all, { min: 2000 + SKEW_MS, max: 3000 + SKEW_MS });
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), (phaseMs) => {
        const { min, max } = asBounds(silentMaster({ ...pair, phaseMs, servedMs: 0 }));
        return min >= all.min && max <= all.max;
      }),
    ),
  );
});

test('a demand is exact unless a check or an announcement decides what comes of it', (t) => {
  for (const model of [silentMaster, farewell, noOutage]) t.true(isExact(model, under()), model.says);
  for (const model of [checkRefused, checkTimesOut, unannounced, upTo('', 500), atLeast('', 1)])
    t.false(isExact(model, under()), model.says);
});
