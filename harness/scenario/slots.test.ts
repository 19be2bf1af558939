import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { RunId } from '../report/progress.ts';
import { takeSlot } from './slot.ts';
import { Slots, SlotsGone } from './slots.ts';

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

/** A way to the slots whose connections can be broken. */
async function breakable(slots: Slots) {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(slots.address);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => open.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  const address = `\0amphora-testbed/test/${randomUUID()}`;
  server.listen(address);
  await once(server, 'listening');
  return {
    address,
    breakAll: () => {
      for (const socket of open) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

test('a connection that breaks costs neither the place nor the wait for one', async (t) => {
  await using slots = await Slots.open(1, silent);
  await using way = await breakable(slots);
  const held = await takeSlot(way.address, run('a'));
  const waiting = takeSlot(way.address, run('b'));
  await asked(slots, 1);
  way.breakAll();
  const other = takeSlot(slots.address, run('c'));
  const served = [waiting, other].map(async (asking) => {
    await using _slot = await asking;
    return true;
  });
  await held[Symbol.asyncDispose]();
  t.deepEqual(await Promise.all(served), [true, true]);
});

test('what is no message, or half of one, is passed over', async (t) => {
  await using slots = await Slots.open(1, silent);
  const stranger = connect(slots.address);
  stranger.end('{"ask":');
  await once(stranger, 'close');
  await using slot = await takeSlot(slots.address, run('a'));
  t.truthy(slot);
});
