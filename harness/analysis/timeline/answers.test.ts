import test from 'ava';
import { at, request } from '../../observations/history.fixture.ts';
import type { AnswerObservation } from '../../observations/observation.ts';
import { requestsOf } from './answers.ts';

const BY = { by: '172.16.1.11' };
const arrived = (ms: number, port: number): AnswerObservation => ({ kind: 'answer', atNs: at(ms), port });

test('an answer counts from when it reached the interface, not from when the busy client read it', (t) => {
  const [first, second] = requestsOf([
    { ...request(2, 10, BY, 90), port: 40_002 },
    arrived(66, 40_002),
    arrived(65, 40_001),
    { ...request(1, 0, BY, 98), port: 40_001 },
    // A packet of the same answer that was sent again.
    arrived(70, 40_001),
  ]);
  t.like(first, { sequence: 1, endNs: at(65) });
  t.like(second, { sequence: 2, endNs: at(66) });
});

test('a port that was used before, or is used again, dates no request of another time', (t) => {
  const found = requestsOf([
    arrived(-500, 40_001),
    { ...request(1, 0, BY, 3), port: 40_001 },
    arrived(800, 40_001),
    request(2, 10, BY, 3),
    { ...request(3, 20, { failure: 'timeout' }, 500) },
  ]);
  t.deepEqual(
    found.map(({ endNs }) => endNs),
    [at(3), at(13), at(520)],
  );
});
