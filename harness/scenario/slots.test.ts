import test from 'ava';
import { Slots, SlotsGone, takeSlot } from './slots.ts';

/** Resolves when everything that is due has been done; a place that is free would have been granted by then. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

test('no more places are held at once than there are', async (t) => {
  await using slots = await Slots.open(2);
  let held = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 9 }, async () => {
      await using _slot = await takeSlot(slots.address, 'a');
      most = Math.max(most, ++held);
      await settled();
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
  await settled();
  await first[Symbol.asyncDispose]();
  await Promise.all(rest);
  t.deepEqual(order, ['b', 'a', 'b', 'a', 'a']);
});

test('whoever waits when the handing out ends is told', async (t) => {
  const slots = await Slots.open(1);
  await using _held = await takeSlot(slots.address, 'a');
  const waiting = takeSlot(slots.address, 'b');
  await slots[Symbol.asyncDispose]();
  await t.throwsAsync(waiting, { instanceOf: SlotsGone });
});
