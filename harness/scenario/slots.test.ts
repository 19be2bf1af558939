import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { Slots, SlotsGone, takeSlot } from './slots.ts';

/** Resolves when so many have asked and wait. */
async function asked(slots: Slots, count: number): Promise<void> {
  while (slots.waiting < count) await setImmediate();
}

test('no more places are held at once than there are', async (t) => {
  await using slots = await Slots.open(2);
  let held = 0;
  let most = 0;
  let left = 9;
  await Promise.all(
    Array.from({ length: 9 }, async () => {
      await using _slot = await takeSlot(slots.address, 'a');
      most = Math.max(most, ++held);
      left--;
      // Whoever is left must have come to the counter: a place too many would be granted by now.
      await asked(slots, Math.max(0, left - 1));
      held--;
    }),
  );
  t.is(most, 2);
});

test('places are shared out evenly between parties, whoever came first', async (t) => {
  await using slots = await Slots.open(1);
  const order: string[] = [];
  const first = await takeSlot(slots.address, 'a');
  const rest = ['a', 'a', 'a', 'b', 'b'].map(async (party) => {
    await using _slot = await takeSlot(slots.address, party);
    order.push(party);
  });
  await asked(slots, 5);
  await first[Symbol.asyncDispose]();
  await Promise.all(rest);
  t.deepEqual(order, ['b', 'a', 'b', 'a', 'a']);
});

test('whoever waits when the handing out ends is told', async (t) => {
  const slots = await Slots.open(1);
  await using _held = await takeSlot(slots.address, 'a');
  const waiting = takeSlot(slots.address, 'b');
  await asked(slots, 1);
  await slots[Symbol.asyncDispose]();
  await t.throwsAsync(waiting, { instanceOf: SlotsGone });
});
