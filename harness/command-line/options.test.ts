import test from 'ava';
import { InvalidArgumentError } from 'commander';
import { duration } from './options.ts';

for (const [text, ms] of [
  ['1ms', 1],
  ['500ms', 500],
  ['1.5s', 1500],
  ['90s', 90_000],
  ['4m', 240_000],
  ['2h', 7_200_000],
  ['500h', 1_800_000_000],
] as const) {
  test(`a time: ${text} is ${ms} ms`, (t) => {
    t.is(duration(text), ms);
  });
}

for (const text of ['', '5', 'm', '0s', '0.5ms', '-1s', '1 h', '1d', '501h', '1h30m', '1e3s', 'NaNs', '2M']) {
  test(`a time: "${text}" is refused with what is allowed`, (t) => {
    t.throws(() => duration(text), {
      instanceOf: InvalidArgumentError,
      message: 'It must be a time from 1ms to 500h, such as 500ms, 90s, 4m or 2h.',
    });
  });
}
