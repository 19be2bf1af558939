import test from 'ava';
import type { Prediction } from '../model/prediction.ts';
import { skewMs } from '../model/vrrp.ts';
import { historyOf, placed } from '../timeline/synthetic.fixture.ts';
import { judge } from './judge.ts';
import { stored } from './stored-run.fixture.ts';

const ADVERT_INT_MS = 1000;
const { probe } = stored().facts;
const SPACING_MS = probe.intervalMs;
/** A farewell. */
const model = ({ holder, other }: Prediction) => skewMs(other.version, holder.advertIntMs, other.priority);

/** The backup waits for its skew, which its priority gives: 648 or 609 ms (RFC 3768, section 6.1); software adds 4 ms. */
const outageOf = (n: number) => skewMs(2, ADVERT_INT_MS, n % 2 === 0 ? 90 : 100) + 4;

/** How often keepalived of the VIP's holder is stopped. */
function failovers(count: number) {
  const story = placed(
    Array.from({ length: count }, (_, n) => ({
      ...{ what: 'fault', afterMs: 2503.7, delayMs: 0, outageMs: outageOf(n), packets: true },
      takeOver: [0.994, 0.996, 0.997, 0.998],
    })),
  );
  const run = judge({ ...stored(), history: historyOf(story, 3.3) }, { model, judgedBy: 'all' });
  return { run, excesses: run.episodes.map(({ metrics }) => metrics.excess ?? Number.NaN) };
}

test('ten failovers in one run are ten episodes, each with the excess of one that is alone', (t) => {
  const [alone = Number.NaN] = failovers(1).excesses;
  const { run, excesses } = failovers(10);
  t.is(run.status, 'passed', run.reason);
  t.is(excesses.length, 10);
  t.true(run.episodes.every(({ judged, over }) => judged && over));
  // Where each lies between two requests decides by how much it is off: by one spacing at most.
  for (const excess of excesses) t.true(Math.abs(excess - alone) <= SPACING_MS, `${excess}, ${alone}`);
  for (const [n, { metrics }] of run.episodes.entries())
    t.true(Math.abs((metrics.detection ?? 0) - 0.994 * outageOf(n)) < 0.01, `${metrics.detection}`);
});

test('a model knows how long a fault was left before the next step of the story', (t) => {
  const story = placed(
    Array.from({ length: 3 }, () => ({
      ...{ what: 'fault', afterMs: 2503.7, delayMs: 0, outageMs: 652, packets: true },
      takeOver: [0.994, 0.996, 0.997, 0.998],
    })),
  );
  const lasted: (number | undefined)[] = [];
  judge(
    { ...stored(), history: historyOf(story, 3.3) },
    {
      judgedBy: 'all',
      model({ lastsMs, ...known }) {
        lasted.push(lastsMs);
        return model(known);
      },
    },
  );
  // Each is asked for twice: for its own phase, and for a fault right after an advertisement.
  const [first = 0, second = 0, last] = lasted.filter((_, n) => n % 2 === 0);
  t.true(first > 2503 && second > 2503, `${first}, ${second}`);
  t.is(last, undefined);
});
