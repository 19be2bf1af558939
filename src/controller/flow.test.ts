import test from 'ava';
import { FlowFailed, runFlow, type Task } from './flow.ts';

const recording =
  (calls: string[]) =>
  (name: string, fails = false): Task => ({
    name,
    execute: async () => {
      calls.push(name);
      if (fails) throw new Error('no');
    },
    revert: async () => {
      calls.push(`revert ${name}`);
    },
  });

test('a failure reverts all that was begun, the last first, and nothing else', async (t) => {
  const calls: string[] = [];
  const task = recording(calls);
  const failure = await t.throwsAsync(
    runFlow({ sequence: [task('a'), { together: [task('b'), task('c', true)] }, task('d')] }),
    { instanceOf: FlowFailed },
  );
  t.is(failure?.task, 'c');
  t.deepEqual(calls, ['a', 'b', 'c', 'revert c', 'revert b', 'revert a']);
});

test('a revert that fails does not hide the first failure', async (t) => {
  const revert = async () => {
    throw new Error('also no');
  };
  const failing: Task = { ...recording([])('a', true), revert };
  await t.throwsAsync(runFlow(failing), { message: 'a failed: no' });
});
