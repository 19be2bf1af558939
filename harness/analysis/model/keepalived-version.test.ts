import test from 'ava';
import { cutsToSeconds, OWN_KEEPALIVED, skipsDueRun } from './keepalived-version.ts';

for (const [version, skips] of [
  ['2.0.20', true],
  ['2.1.2', true],
  ['2.1.3', false],
  ['2.2.7', false],
  ['1:2.2.7-1+b2', false],
  ['2.3.2', false],
  ['2.3.3', true],
  ['1:2.3.3-1', true],
  ['v2.3.4', true],
  ['2.4.0', true],
  ['2.10.0', true],
  ['2.2', false],
  ['2.4', true],
] as const) {
  test(`keepalived ${version} ${skips ? 'skips' : 'starts'} a check that is due while one runs`, (t) => {
    t.is(skipsDueRun(version), skips);
  });
}

for (const version of ['2.3', '2.1', '', 'unknown', undefined]) {
  test(`keepalived ${version === undefined ? 'of no version' : `"${version}"`}: it is not known what it does`, (t) => {
    t.is(skipsDueRun(version), undefined);
  });
}

test("what the testbed's own does is known", (t) => {
  t.not(skipsDueRun(OWN_KEEPALIVED), undefined);
});

for (const [version, cuts] of [
  ['1:2.2.7-1+b2', true],
  ['2.3.1', true],
  ['2.3.2', false],
  ['2.4', false],
  ['2.3', undefined],
  [undefined, undefined],
] as const) {
  test(`keepalived ${version}: half seconds of a check script are cut: ${cuts}`, (t) => {
    t.is(cutsToSeconds(version), cuts);
  });
}
