import test from 'ava';
import { figure, inMs, length, signed } from './milliseconds.ts';

test('a length is written as exactly as it is read', (t) => {
  t.deepEqual(
    [137.26, 2.31].map((ms) => inMs(ms)),
    ['137 ms', '2 ms'],
  );
  t.deepEqual([137.26, 99.94, -2.31].map(figure), ['137 ms', '99.9 ms', '-2.3 ms']);
  t.deepEqual([10_648, 3521, 137.2, 0.24].map(length), ['10.6 s', '3.52 s', '137 ms', '0.2 ms']);
  t.deepEqual([61.4, -12, 0.5, -3521].map(signed), ['+61 ms', '−12 ms', '+0.5 ms', '−3.52 s']);
});
