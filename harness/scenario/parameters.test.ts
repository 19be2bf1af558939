import test from 'ava';
import fc from 'fast-check';
import { UsageError } from '../usage-error.ts';
import { parseParameters, settingsOf } from './parameters.ts';
import { phaseShares } from './phases.ts';

test('parameters reach the settings of the controller', (t) => {
  const settings = settingsOf(parseParameters(['advert_int=2', 'profile=rocky']));
  t.is(settings.keepalived_vrrp.vrrp_advert_int, 2);
  t.is(settings.profile, 'rocky');
});

test('version 3 advertises in fractions of a second', (t) => {
  const { keepalived_vrrp } = settingsOf(parseParameters(['vrrp_version=3', 'advert_int=0.07']));
  t.is(keepalived_vrrp.vrrp_advert_int, 0.07);
  t.is(keepalived_vrrp.vrrp_version, 3);
});

for (const [pairs, message] of [
  [['advert_itn=2'], /no parameter "advert_itn"; the nearest is advert_int/],
  [['advert_int'], /takes key=value; found "advert_int"/],
  [['advert_int=0'], /^--set advert_int: "0" is not allowed/],
  [['advert_int=256'], /^--set advert_int: "256" is not allowed/],
  [['advert_int=0.1'], /^--set advert_int: "0\.1" is not allowed: VRRP version 2 takes whole seconds/],
  [['vrrp_version=3', 'advert_int=41'], /^--set advert_int: "41" is not allowed: VRRP version 3 takes 0\.01/],
  [['vrrp_version=3', 'advert_int=0.005'], /^--set advert_int: "0\.005" is not allowed/],
  [['vrrp_version=4'], /^--set vrrp_version: "4" is not allowed/],
  [['profile=rocki'], /^--set profile: "rocki" is not allowed/],
] as const) {
  test(`--set ${pairs} is answered with one sentence`, (t) => {
    t.throws(() => parseParameters([...pairs]), { instanceOf: UsageError, message });
  });
}

test('each run has its own stratum of the interval, and equal seeds give equal phases', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer(), (runs, seed) => {
        const shares = phaseShares(runs, seed);
        const strata = shares.map((share) => Math.floor(((share - 0.002) / 0.996) * runs + 1e-9));
        return (
          strata.every((stratum, n) => stratum === n) &&
          phaseShares(runs, seed).every((share, n) => share === shares[n])
        );
      }),
    ),
  );
});
