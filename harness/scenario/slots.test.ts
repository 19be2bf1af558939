import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { RunId } from '../report/progress.ts';
import { Slots, SlotsGone, takeSlot } from './slots.ts';

const run = (scenario: string): RunId => ({ scenario, index: 1, attempt: 1 });
const silent = { stage() {}, ended() {} };

/** Resolves when so many have asked and wait. */
async function asked(slots: Slots, count: number): Promise<void> {
  while (slots.waiting < count) await setImmediate();
}

test('no more places are held at once than there are', async (t) => {
  await using slots = await Slots.open(2, silent);
  let held = 0;
  let most = 0;
  let left = 9;
  await Promise.all(
    Array.from({ length: 9 }, async () => {
      await using _slot = await takeSlot(slots.address, run('a'));
      most = Math.max(most, ++held);
      left--;
      // Whoever is left must have come to the counter: a place too many would be granted by now.
      await asked(slots, Math.max(0, left - 1));
      held--;
    }),
  );
  t.is(most, 2);
});

test('places are shared out evenly between scenarios, whoever came first', async (t) => {
  await using slots = await Slots.open(1, silent);
  const order: string[] = [];
  const first = await takeSlot(slots.address, run('a'));
  const rest = ['a', 'a', 'a', 'b', 'b'].map(async (party) => {
    await using _slot = await takeSlot(slots.address, run(party));
    order.push(party);
  });
  await asked(slots, 5);
  await first[Symbol.asyncDispose]();
  await Promise.all(rest);
  t.deepEqual(order, ['b', 'a', 'b', 'a', 'a']);
});

test('whoever waits when the handing out ends is told', async (t) => {
  const slots = await Slots.open(1, silent);
  await using _held = await takeSlot(slots.address, run('a'));
  const waiting = takeSlot(slots.address, run('b'));
  await asked(slots, 1);
  await slots[Symbol.asyncDispose]();
  await t.throwsAsync(waiting, { instanceOf: SlotsGone });
});

test('what a run says of itself arrives in order, before its place is given back', async (t) => {
  const told: unknown[] = [];
  await using slots = await Slots.open(1, {
    stage: (who, stage) => told.push([who.scenario, stage]),
    ended: (who, outcome, again) => told.push([who.scenario, outcome, again]),
  });
  {
    await using slot = await takeSlot(slots.address, run('a'));
    slot.stage('building the lab');
    slot.ended({ status: 'invalid', reason: 'The machine was too busy.' }, true);
  }
  await using _next = await takeSlot(slots.address, run('b'));
  t.deepEqual(told, [
    ['a', 'building the lab'],
    ['a', { status: 'invalid', reason: 'The machine was too busy.' }, true],
  ]);
});
