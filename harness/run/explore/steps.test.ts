import test from 'ava';
import fc from 'fast-check';
import { after, anyStep, hearing, repairs, type Step, sensible, spoken, WELL, whole } from './steps.ts';

test('what is broken is not broken again, and what is whole is not repaired', (t) => {
  const stop: Step = { word: 'stopService', on: 'master' };
  const start: Step = { word: 'startService', on: 'master' };
  t.is(after(WELL, start), undefined);
  t.deepEqual(
    sensible([start, stop, stop, start]).map(({ step }) => step),
    [stop, start],
  );
});

test('nobody asks the agent of a frozen amphora', (t) => {
  const steps: Step[] = [
    { word: 'freeze', on: 'backup' },
    { word: 'stopKeepalived', on: 'backup' },
  ];
  t.is(sensible(steps).length, 1);
});

test('repairs make any pair well, in an order that can be kept', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(anyStep), (steps) => {
        const broken = sensible(steps).at(-1)?.condition ?? WELL;
        let condition = broken;
        for (const step of repairs(broken)) {
          const next = after(condition, step);
          if (!next) return false;
          condition = next;
        }
        return whole(condition).length === 2 && hearing(condition);
      }),
    ),
  );
});

test('steps are spoken in the words of scenarios', (t) => {
  t.is(spoken({ word: 'cutPort', on: 'backup' }), 'fault.cutPort(backup)');
  t.is(spoken({ word: 'loseNothing' }), 'heal.loseNothing()');
});
