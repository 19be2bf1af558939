import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { Lab } from '../lab/lab.ts';
import type { RunId } from '../report/progress.ts';
import { Places } from './places.ts';
import { Slots } from './slots.ts';

const run = (index: number): RunId => ({ scenario: 'master-kill', index, attempt: 1 });
const silent = { stage() {}, ended() {} };

/** Stands for a lab: what matters here is who gets it, and when it goes. */
function labDouble({ returns = true } = {}) {
  const told: string[] = [];
  const lab = {
    name: 'lab-000001',
    told,
    async revive() {
      told.push('revived');
      if (!returns) throw new Error('amphora-1 did not become a backup.');
    },
    async [Symbol.asyncDispose]() {
      told.push('destroyed');
    },
  };
  return lab as typeof lab & Lab;
}

/** The place of run 1, while run 2 waits for one. */
async function oneServedOneWaiting(slots: Slots) {
  const places = new Places(slots.address);
  const first = await places.take(run(1));
  const second = places.take(run(2));
  while (slots.waiting < 1) await setImmediate();
  return { places, first, second };
}

test('a lab that is left whole is booted again and goes to the run that waits, with its place', async (t) => {
  await using slots = await Slots.open(1, silent);
  const { places, first, second } = await oneServedOneWaiting(slots);
  const lab = labDouble();
  await places.leave(first, lab);
  const place = await second;
  t.is(place.lab, lab);
  t.is(place.slot, first.slot);
  t.deepEqual(lab.told, ['revived']);
  await places.leave(place, lab);
  t.deepEqual(lab.told, ['revived', 'destroyed'], 'nobody waits any more');
});

test('a lab whose amphora does not come back is destroyed, and the next run builds its own', async (t) => {
  await using slots = await Slots.open(1, silent);
  const { places, first, second } = await oneServedOneWaiting(slots);
  const lab = labDouble({ returns: false });
  await places.leave(first, lab);
  const place = await second;
  t.is(place.lab, undefined);
  t.deepEqual(lab.told, ['revived', 'destroyed']);
  await places.leave(place);
});

test('without a lab, places go round as they did', async (t) => {
  await using slots = await Slots.open(1, silent);
  const { places, first, second } = await oneServedOneWaiting(slots);
  await places.leave(first);
  const place = await second;
  t.is(place.lab, undefined);
  await places.leave(place);
});
