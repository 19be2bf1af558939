import test from 'ava';
import { movedWithLoad } from './machine-load.ts';

const runs = (...pressures: readonly (number | undefined)[]) =>
  pressures.map((pressure) => ({
    status: 'passed' as const,
    metrics: { outage: 500, ...(pressure !== undefined && { pressure }) },
  }));
const slower = { verdict: 'slower' as const, blame: { part: 'recovery', effect: 90 } };
const faster = { verdict: 'faster' as const, blame: { part: 'recovery', effect: -90 } };

test('a recovery that is slower on a busier machine, or faster on one that is less busy, moved with the load', (t) => {
  t.true(movedWithLoad(runs(0.1, 0.2), runs(0.8, 0.7), slower));
  t.true(movedWithLoad(runs(0.8, 0.7), runs(0.1, 0.2), faster));
});

test('a machine that was as busy as before, or that the other way, excuses nothing', (t) => {
  t.false(movedWithLoad(runs(0.3), runs(0.4), slower));
  t.false(movedWithLoad(runs(0.8), runs(0.1), slower));
  t.false(movedWithLoad(runs(0.1), runs(0.8), faster));
});

test('what the protocol times does not move with the load', (t) => {
  t.false(movedWithLoad(runs(0.1), runs(0.9), { ...slower, blame: { part: 'detection', effect: 90 } }));
});

test('nothing is excused where nobody knows how busy the machine was', (t) => {
  t.false(movedWithLoad(runs(undefined), runs(0.9), slower));
});
