import test from 'ava';
import fc from 'fast-check';
import { after, anyMove, asCode, hearing, type Move, repairs, sensible, WELL, whole } from './steps.ts';

test('what is broken is not broken again, and what is whole is not repaired', (t) => {
  const stop: Move = { word: 'stopService', on: 'master' };
  const start: Move = { word: 'startService', on: 'master' };
  t.is(after(WELL, start), undefined);
  t.deepEqual(
    sensible([start, stop, stop, start]).map(({ step }) => step),
    [stop, start],
  );
});

test('nobody asks the agent of a frozen amphora', (t) => {
  const steps: Move[] = [
    { word: 'freeze', on: 'backup' },
    { word: 'stopKeepalived', on: 'backup' },
  ];
  t.is(sensible(steps).length, 1);
});

test('repairs make any pair well, in an order that can be kept', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(anyMove), (steps) => {
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

test('steps are asCode in the words of scenarios', (t) => {
  t.is(asCode({ word: 'cutPort', on: 'backup' }), 'fault.cutPort(backup)');
  t.is(asCode({ word: 'loseNothing' }), 'heal.loseNothing()');
});
