import test from 'ava';
import { randomFrom } from '../../scenario/phases.ts';
import type { Block, Measured } from './blocks.ts';
import { type LatencyReview, latencyReview, latencyVerdict } from './latency-review.ts';
import { latencyStanding } from './standing.ts';

const LIMITS = { minimumEffectMs: 0.05, looks: 6 };
const REQUESTS = 500;

interface Drawn {
  readonly blocks: number;
  readonly seed: number;
  /** What each request waits more, ms. */
  readonly moreMs?: number;
  readonly rate?: number;
  readonly lostPackets?: number;
}

/**
 * Waits as a lab has them: 0.4 ms and a tail, and a drift from block to block that both sides share, as a neighbour's load
 * makes it.
 */
function drawn({ blocks, seed, moreMs = 0, rate = 2800, lostPackets = 0 }: Drawn): Measured {
  const random = randomFrom(seed);
  const block = (row: Block['row']): Block => {
    const driftMs = 0.02 * random();
    const answeredMs = Array.from(
      { length: REQUESTS },
      () => 0.4 + driftMs + moreMs - 0.05 * Math.log(1 - random()),
    );
    return { row, lateMs: 1, waits: { answeredMs, failedMs: [], clientMs: 0.06, lostPackets } };
  };
  return {
    blocks: Array.from({ length: blocks }, () => [block('steady'), block('closed loop')]).flat(),
    connectionsPerSecond: Array.from({ length: blocks }, () => rate * (1 + 0.02 * random())),
  };
}

function reviewOf(a: Measured, b: Measured): LatencyReview {
  const side = (text: string, measured: Measured) => ({
    ...{ text, version: 'working tree', programs: 'HAProxy 2.6.12, keepalived 2.2.7', measured },
  });
  return {
    ...{ a: side('ref=main', a), b: side('ref=HEAD', b), standing: latencyStanding(a, b, LIMITS) },
    minimumEffectMs: LIMITS.minimumEffectMs,
    command: 'npm run bench -- latency --a ref=main --b ref=HEAD',
  };
}

test('100 µs more are found in ten blocks a side, in whichever direction', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const [less, more] = [drawn({ blocks: 10, seed }), drawn({ blocks: 10, seed: 100 + seed, moreMs: 0.1 })];
    t.like(latencyStanding(less, more, LIMITS), { verdict: 'slower', certain: true });
    t.like(latencyStanding(more, less, LIMITS), { verdict: 'faster', certain: true });
  }
});

test('equal systems are never called slower, and the same as a rule', (t) => {
  const verdicts = Array.from({ length: 40 }, (_, n) => {
    const sides = [drawn({ blocks: 10, seed: 2 * n + 1 }), drawn({ blocks: 10, seed: 2 * n + 2 })] as const;
    return latencyStanding(...sides, LIMITS).verdict;
  });
  t.deepEqual([...new Set(verdicts)], ['same']);
});

test('a difference that does not matter is the same, and a few blocks decide nothing', (t) => {
  const a = drawn({ blocks: 10, seed: 1 });
  t.is(latencyStanding(a, drawn({ blocks: 10, seed: 2, moreMs: 0.01 }), LIMITS).verdict, 'same');
  const few = latencyStanding(
    drawn({ blocks: 3, seed: 3 }),
    drawn({ blocks: 3, seed: 4, moreMs: 0.1 }),
    LIMITS,
  );
  t.like(few, { verdict: 'undecided', certain: false });
  t.like(latencyStanding(drawn({ blocks: 0, seed: 5 }), a, LIMITS), { figures: [], verdict: 'undecided' });
});

test('fewer connections a second make a side slower, though each request waits the same', (t) => {
  const b = drawn({ blocks: 10, seed: 2, rate: 2400 });
  const review = reviewOf(drawn({ blocks: 10, seed: 1 }), b);
  t.is(review.standing.verdict, 'slower');
  t.regex(
    latencyVerdict(review),
    /^Requests wait longer with B: connections a second, 16 clients −4\d\d\. A is/,
  );
});

test('a block whose capture lost packets is left out, and the review says so', (t) => {
  const lossy = drawn({ blocks: 2, seed: 7, moreMs: 5, lostPackets: 3 });
  const whole = drawn({ blocks: 10, seed: 2 });
  const b = { ...whole, blocks: [...whole.blocks, ...lossy.blocks] };
  const review = reviewOf(drawn({ blocks: 10, seed: 1 }), b);
  t.is(review.standing.verdict, 'same');
  t.true(latencyReview(review).includes('; 4 blocks are left out, as their captures lost packets.'));
});

test('the review names both systems, the figures with intervals, and the command', (t) => {
  const review = reviewOf(drawn({ blocks: 10, seed: 1 }), drawn({ blocks: 10, seed: 2, moreMs: 0.1 }));
  const text = latencyReview(review);
  t.regex(
    text,
    /^## Waiting: ref=main against ref=HEAD\n\n\*\*Requests wait longer with B: steady, on a schedule: p50 \+0\.\d{3} \(/,
  );
  t.regex(
    text,
    /\| steady, on a schedule: p50 \| 0\.4\d\d \(0\.\d{3} to 0\.\d{3}\) \| 0\.5\d\d .* \| \+0\.\d{3} \(\+0\.\d{3} to \+0\.\d{3}\) \| slower \|/,
  );
  t.regex(text, /\| connections a second, 16 clients \| 28\d\d \(28\d\d to 28\d\d\) \| .* \| same \|/);
  t.true(
    text.includes(
      'A: ref=main, working tree, HAProxy 2.6.12, keepalived 2.2.7; 10000 requests in 20 blocks, 0 failed',
    ),
  );
  t.true(text.endsWith('`npm run bench -- latency --a ref=main --b ref=HEAD`\n'));
});
