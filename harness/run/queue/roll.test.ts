import test from 'ava';
import { type Identity, queueName } from './identity.ts';
import type { Hello } from './order.ts';
import { rollOf } from './roll.ts';

const MACHINE = { engine: 'Docker 28', kernel: '6.1', cpus: 2, node: '24.1.0' };
const OURS: Identity = { system: { 'the code': 'aaaa', 'the system': 'bbbb' }, machine: MACHINE };
const worker = (name: string, more: Partial<Hello> = {}): Hello => ({ ...OURS, name, labs: 2, ...more });
const otherCode = worker('late', { system: { ...OURS.system, 'the code': 'cccc' } });
const otherMachine = worker('large', { labs: 8, machine: { ...MACHINE, cpus: 8 } });

test('workers with an equal system on equal machines serve, and their labs add up', (t) => {
  const roll = rollOf([worker('a'), worker('b', { labs: 1 })], OURS, undefined, false);
  t.is(roll.labs, 3);
  t.is(roll.sentence('redis://q'), '2 workers serve redis://q: a (2 labs), b (one lab)');
});

test('a worker whose code or system differs serves nobody, and the night names what differs', (t) => {
  for (const mixed of [false, true]) {
    const roll = rollOf([otherCode], OURS, undefined, mixed);
    t.deepEqual(roll.serving, []);
    t.regex(roll.sentence('redis://q'), /^no worker serves redis:\/\/q .*; late differs in the code$/);
  }
});

test('a worker on another kind of machine serves only where that is wanted', (t) => {
  const apart = rollOf([worker('a'), otherMachine], OURS, undefined, false);
  t.deepEqual(
    apart.serving.map(({ name }) => name),
    ['a'],
  );
  t.regex(apart.sentence('redis://q'), /; large differs in cpus 2 and 8$/);
  const mixed = rollOf([worker('a'), otherMachine], OURS, undefined, true);
  t.is(mixed.labs, 10);
  t.deepEqual(mixed.machines, rollOf([otherMachine, worker('a')], OURS, undefined, true).machines);
});

test('a night goes on with the machine that it began with, in whichever order workers come', (t) => {
  const roll = rollOf([otherMachine, worker('a')], OURS, MACHINE, false);
  t.deepEqual(
    roll.serving.map(({ name }) => name),
    ['a'],
  );
});

test('systems and machines have queues of their own', (t) => {
  const names = [
    queueName(OURS, MACHINE),
    queueName(otherCode, MACHINE),
    queueName(OURS, otherMachine.machine),
    queueName(OURS, undefined),
  ];
  t.is(new Set(names).size, names.length);
  t.deepEqual(
    [queueName({ ...OURS, system: { 'the system': 'bbbb', 'the code': 'aaaa' } }, MACHINE)],
    names.slice(0, 1),
  );
});
