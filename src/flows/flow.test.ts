import test from 'ava';
import { flowFailureLine } from '../controller/flow-log.ts';
import { atAmphora, FlowFailed, runFlow, type Task } from './flow.ts';

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
  const left: string[] = [];
  const onRevertFailed = (task: string, error: unknown) => void left.push(`${task}: ${error}`);
  await t.throwsAsync(runFlow(failing, { onRevertFailed }), { message: 'a failed: no' });
  t.deepEqual(left, ['a: Error: also no']);
});

test('a failure at an amphora names it once, and keeps its cause', async (t) => {
  const at = (message: string) =>
    runFlow({
      name: 'ListenersUpdate',
      execute: () => atAmphora({ id: 'a1' }, () => Promise.reject(new Error(message))),
    });
  const plain = await t.throwsAsync(at('no'), { message: 'ListenersUpdate failed at amphora a1: no' });
  t.like(plain?.cause, { message: 'no' });
  await t.throwsAsync(at('PUT / at amphora a1: no'), {
    message: 'ListenersUpdate failed: PUT / at amphora a1: no',
  });
});

test('a failure is one line of a log, whatever a program has said', (t) => {
  const known = { flow: 'create load balancer', loadBalancerId: 'lb1' } as const;
  const error = new FlowFailed('ListenersUpdate', new Error('[ALERT] one\n  [ALERT] two\n'));
  t.is(
    flowFailureLine({ ...known, error }),
    'load balancer lb1: create load balancer: ListenersUpdate failed: [ALERT] one | [ALERT] two',
  );
  t.is(
    flowFailureLine({ ...known, reverting: 'UpdateVIP', error: new Error('no') }),
    'load balancer lb1: create load balancer: UpdateVIP could not be reverted: no',
  );
});
