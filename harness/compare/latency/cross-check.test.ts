import test from 'ava';
import { abPercentiles, agreementsWithAb } from './cross-check.ts';

const told = (p50: number, p99: number) => [{ p50, p99 }];

test("ab's percentiles are read from its table", (t) => {
  const csv = 'Percentage served,Time in ms\n0,0.301\n50,0.431\n98,0.702\n99,0.811\n100,3.207\n';
  t.deepEqual(abPercentiles(csv), { p50: 0.431, p99: 0.811 });
  t.throws(() => abPercentiles('apr_pollset_poll: The timeout specified has expired'), {
    message: /ab printed no percentiles: apr_pollset_poll/,
  });
});

test('both agree within 10 % or 50 µs, whichever is more', (t) => {
  const of = (ours: number, ab: number) =>
    agreementsWithAb(told(ours, 5.4), told(ab, 5)).map(({ agrees }) => agrees);
  t.deepEqual(of(0.385, 0.43), [true, true]);
  t.deepEqual(of(0.37, 0.43), [false, true]);
  t.deepEqual(of(1.6, 0.43), [false, true]);
  t.deepEqual(
    agreementsWithAb(told(1, 5.6), told(1, 5)).map(({ agrees }) => agrees),
    [true, false],
  );
});

test('one slow block moves neither', (t) => {
  const blocks = [0.43, 0.44, 9].map((p50) => ({ p50, p99: 1 }));
  t.is(agreementsWithAb(blocks, told(0.44, 1))[0]?.differenceMs, 0);
});
