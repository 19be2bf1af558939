import test from 'ava';
import type { MeasuredRun } from '../../result/measured.ts';
import { randomFrom } from '../../scenario/phases.ts';
import { differenceOf, type Side, sharperMetric } from './difference.ts';
import { differenceText } from './difference-text.ts';

const OPTIONS = { minimumEffectMs: 50 };

interface Made {
  readonly demanded: readonly [number, number];
  readonly outage: number;
  readonly backup?: string;
  readonly packets?: number;
}

const runOf = ({ demanded: [min, max], outage, backup = 'amphora-2', packets }: Made): MeasuredRun => ({
  status: 'passed',
  metrics: { outage, uncertainty: 5, ...(packets !== undefined && { packetOutage: packets }) },
  predicted: { outage: { min, max }, atPhaseZero: { min, max }, backup },
});
const many = (count: number, make: (n: number) => Made): readonly MeasuredRun[] =>
  Array.from({ length: count }, (_, n) => runOf(make(n)));

test('a demand whose ends move unequally is written as a range', (t) => {
  const a: Side = { runs: many(12, (n) => ({ demanded: [5650, 10_650], outage: 6000 + 300 * n })) };
  const b: Side = { runs: many(12, (n) => ({ demanded: [10_650, 20_650], outage: 11_000 + 600 * n })) };
  const found = differenceOf(a, b, OPTIONS);
  t.deepEqual(found?.demanded, { min: 5000, max: 10_000 });
  t.is(found?.software.verdict, 'same');
  t.regex(
    found ? differenceText(found, { a: 'A', b: 'B', ...OPTIONS }) : '',
    /^B is slower by \d+ ms: the configuration demands 5000 to 10000 ms more, software takes 0 ms more \(same\)/,
  );
});

test('amphorae that take turns have priorities of their own: each is compared with itself', (t) => {
  const turns = (backupDemand: number) =>
    many(12, (n) => {
      const [backup, ms] = n % 2 === 0 ? ['amphora-1', 3609] : ['amphora-2', backupDemand];
      return { demanded: [ms, ms], outage: ms + n, backup };
    });
  const same = differenceOf({ runs: turns(3648) }, { runs: turns(3648).slice(0, 5) }, OPTIONS);
  t.deepEqual(same?.demanded, { min: 0, max: 0 });
  const changed = differenceOf({ runs: turns(3648) }, { runs: turns(3843) }, OPTIONS);
  t.deepEqual(changed?.demanded, { min: 195, max: 195 });
});

test('software that takes less may compensate a configuration that demands more, and both are named', (t) => {
  const a: Side = { runs: many(12, (n) => ({ demanded: [3000, 3000], outage: 3210 + n })) };
  const b: Side = { runs: many(12, (n) => ({ demanded: [3195, 3195], outage: 3215 + n })) };
  const found = differenceOf(a, b, OPTIONS);
  t.like(found, { verdict: 'same', software: { verdict: 'faster' } });
  t.regex(
    found ? differenceText(found, { a: 'A', b: 'B', ...OPTIONS }) : '',
    /^A and B are the same: .*: the configuration demands 195 ms more, software takes 190 ms less \(faster\)/,
  );
});

test('the parts add up to the whole', (t) => {
  const random = randomFrom(61);
  const side = (ms: number, more: number): Side => ({
    runs: many(9, () => ({ demanded: [ms, ms], outage: ms + more + 30 * random() })),
  });
  const found = differenceOf(side(3648, 0), side(3843, 60), OPTIONS);
  const sum = (found?.demanded?.min ?? 0) + (found?.software.effect ?? 0);
  t.true(Math.abs(sum - (found?.comparison.effect ?? 0)) < 1e-6);
});

test('of requests and packets, those that spread less decide, if they saw the same outage', (t) => {
  const random = randomFrom(62);
  const runs = (gapMs: number) =>
    many(8, () => {
      const outage = 3000 + 10 * random();
      return { demanded: [3000, 3000], outage, packets: 3004 + random() - gapMs };
    });
  t.is(sharperMetric(runs(0), runs(0)), 'packetOutage');
  t.is(sharperMetric(runs(0), runs(60)), 'outage', 'on one side HAProxy was 60 ms later than the kernel');
  t.is(
    sharperMetric(
      runs(0),
      many(8, () => ({ demanded: [3000, 3000], outage: 3005 })),
    ),
    'outage',
  );
});

test('what is demanded at least, without an upper bound, is compared by its least', (t) => {
  const side = (ms: number): Side => ({
    runs: many(12, (n) => ({ demanded: [ms, Number.POSITIVE_INFINITY], outage: ms + 400 + n })),
  });
  t.like(differenceOf(side(100), side(100), OPTIONS), { verdict: 'same', demanded: { min: 0, max: 0 } });
  t.like(differenceOf(side(100), side(300), OPTIONS), {
    verdict: 'slower',
    demanded: { min: 200, max: 200 },
    software: { verdict: 'same' },
  });
});
