import test from 'ava';
import fc from 'fast-check';
import { fisher } from './fisher.ts';

test('the tea tasting of Fisher, and four runs against four', (t) => {
  t.true(Math.abs(fisher({ those: 3, of: 4 }, { those: 1, of: 4 }) - 34 / 70) < 1e-9);
  t.true(Math.abs(fisher({ those: 0, of: 4 }, { those: 4, of: 4 }) - 2 / 70) < 1e-9);
});

test('equal shares are as probable as can be, and the order of the sides does not count', (t) => {
  const share = fc
    .integer({ min: 1, max: 40 })
    .chain((of) => fc.record({ those: fc.integer({ min: 0, max: of }), of: fc.constant(of) }));
  fc.assert(
    fc.property(share, share, (a, b) => {
      const p = fisher(a, b);
      t.true(p > 0 && p <= 1);
      t.true(Math.abs(p - fisher(b, a)) < 1e-9);
      t.is(Number(fisher(a, a).toFixed(6)), 1);
    }),
  );
});
