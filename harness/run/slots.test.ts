import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { ATTEMPTS_MAX } from './plan.ts';
import { outcomeOf, SlotsGone } from './slot.ts';
import { type Asked, Slots } from './slots.ts';
import type { Performed, Performer, RunOrder } from './worker.ts';

const job = (scenario: string, index = 1): Asked => ({ scenario, index, phaseShare: 0, file: '/a.ts' });
const silent = { stage() {}, ended() {} };
const PASSED: Performed = { outcome: { status: 'passed' }, whole: false };
const WHOLE: Performed = { outcome: { status: 'passed' }, whole: true };

/** Stands for the processes: what they are asked for, and when they are done with it, is the test's. */
function crew() {
  const asked: { readonly by: number; readonly order: RunOrder; readonly end: (how: Performed) => void }[] =
    [];
  const released: number[] = [];
  let hired = 0;
  const hire = (): Performer & { alive: boolean } => {
    const by = ++hired;
    return {
      alive: true,
      async perform(order) {
        const { promise, resolve } = Promise.withResolvers<Performed>();
        asked.push({
          by,
          order,
          end: (how) => {
            if ('outcome' in how && how.outcome.reason === 'killed') this.alive = false;
            resolve(how);
          },
        });
        return promise;
      },
      async cleared() {},
      async release() {
        released.push(by);
      },
      async [Symbol.asyncDispose]() {},
    };
  };
  /** What was asked for as the nth, once it was. */
  const nth = async (n: number) => {
    for (;;) {
      const found = asked[n - 1];
      if (found) return found;
      await setImmediate();
    }
  };
  return { asked, released, hire, nth };
}

/** Resolves when this many have asked and wait. */
async function inLine(slots: Slots, count: number): Promise<void> {
  while (slots.waiting < count) await setImmediate();
}

test('no more runs are under way at once than there are places', async (t) => {
  const { asked, hire, nth } = crew();
  await using slots = await Slots.open(2, hire, silent);
  const outcomes = Array.from({ length: 9 }, (_, n) => outcomeOf(slots.address, job('a', n + 1)));
  await inLine(slots, 7);
  for (let n = 1; n <= 9; n++) {
    const { end } = await nth(n);
    t.true(asked.length <= n + 1);
    end(PASSED);
  }
  t.deepEqual(await Promise.all(outcomes), Array(9).fill({ status: 'passed' }));
  t.is(Math.max(...asked.map(({ by }) => by)), 2, 'a process goes on to the next run');
});

test('places are shared evenly between scenarios, whatever the order of requests', async (t) => {
  const { asked, hire, nth } = crew();
  await using slots = await Slots.open(1, hire, silent);
  const outcomes = [1, 2, 3].map((index) => outcomeOf(slots.address, job('a', index)));
  await inLine(slots, 2);
  outcomes.push(...[1, 2].map((index) => outcomeOf(slots.address, job('b', index))));
  await inLine(slots, 4);
  for (let n = 1; n <= 5; n++) (await nth(n)).end(PASSED);
  await Promise.all(outcomes);
  t.deepEqual(
    asked.map(({ order }) => order.run.scenario),
    ['a', 'b', 'a', 'b', 'a'],
  );
});

test('a waiting process learns that no more places are handed out', async (t) => {
  const slots = await Slots.open(1, crew().hire, silent);
  const waiting = [1, 2].map((index) => outcomeOf(slots.address, job('a', index)));
  await inLine(slots, 1);
  const refused = waiting.map((each) => t.throwsAsync(each, { instanceOf: SlotsGone }));
  await slots[Symbol.asyncDispose]();
  await Promise.all(refused);
});

test('an invalid run is repeated, behind those that wait, until it was tried often enough', async (t) => {
  const told: unknown[] = [];
  const { asked, hire, nth } = crew();
  await using slots = await Slots.open(1, hire, {
    stage() {},
    ended: (run, { status }, again) => told.push([run.index, run.attempt, status, again]),
  });
  const outcomes = [1, 2].map((index) => outcomeOf(slots.address, job('a', index)));
  await inLine(slots, 1);
  const invalid: Performed = { outcome: { status: 'invalid', reason: 'It was busy.' }, whole: false };
  (await nth(1)).end(invalid);
  (await nth(2)).end(PASSED);
  for (let n = 3; n < 2 + ATTEMPTS_MAX; n++) (await nth(n)).end(invalid);
  t.deepEqual(await Promise.all(outcomes), [
    { status: 'invalid', reason: 'It was busy.' },
    { status: 'passed' },
  ]);
  t.is(asked.length, 1 + ATTEMPTS_MAX);
  t.deepEqual(told, [
    [1, 1, 'invalid', true],
    [2, 1, 'passed', false],
    [1, 2, 'invalid', true],
    [1, 3, 'invalid', false],
  ]);
});

test('a process that has ended costs the run that it was at, and another one goes on', async (t) => {
  const { asked, hire, nth } = crew();
  await using slots = await Slots.open(2, hire, silent);
  const outcomes = [1, 2].map((index) => outcomeOf(slots.address, job('a', index)));
  const [first, second] = [await nth(1), await nth(2)];
  first.end({ outcome: { status: 'invalid', reason: 'killed' }, whole: false });
  (await nth(3)).end(PASSED);
  second.end(PASSED);
  await Promise.all(outcomes);
  t.deepEqual(
    asked.map(({ by, order }) => [by, order.run.index, order.run.attempt]),
    [
      [1, 1, 1],
      [2, 2, 1],
      [3, 1, 2],
    ],
  );
});

test('a process that ended while it had nothing to do costs nothing', async (t) => {
  const { asked, hire, nth } = crew();
  const hired: { alive: boolean }[] = [];
  await using slots = await Slots.open(
    1,
    () => {
      const one = hire();
      hired.push(one as { alive: boolean });
      return one;
    },
    silent,
  );
  const first = outcomeOf(slots.address, job('a', 1));
  (await nth(1)).end(PASSED);
  await first;
  for (const one of hired) one.alive = false;
  const second = outcomeOf(slots.address, job('a', 2));
  (await nth(2)).end(PASSED);
  t.deepEqual(await second, { status: 'passed' });
  t.deepEqual(
    asked.map(({ by }) => by),
    [1, 2],
  );
});

test('a lab that is left whole serves the next run of its scenario, and is destroyed where none waits', async (t) => {
  const { asked, released, hire, nth } = crew();
  await using slots = await Slots.open(1, hire, silent);
  const outcomes = [job('a', 1), job('b'), job('a', 2)].map((each) => outcomeOf(slots.address, each));
  await inLine(slots, 2);
  (await nth(1)).end(WHOLE);
  const next = await nth(2);
  t.deepEqual(released, []);
  next.end(WHOLE);
  (await nth(3)).end(PASSED);
  await Promise.all(outcomes);
  t.deepEqual(
    asked.map(({ order }) => order.run.scenario),
    ['a', 'a', 'b'],
  );
  t.deepEqual(released, [1]);
});

test('a lab that is left whole does not keep a place that is one too many', async (t) => {
  const { released, hire, nth } = crew();
  await using slots = await Slots.open(2, hire, silent);
  const outcomes = [1, 2, 3].map((index) => outcomeOf(slots.address, job('a', index)));
  const [first, second] = [await nth(1), await nth(2)];
  await inLine(slots, 1);
  slots.resize(1);
  first.end(WHOLE);
  while (released.length === 0) await setImmediate();
  t.is(slots.waiting, 1);
  second.end(PASSED);
  (await nth(3)).end(PASSED);
  await Promise.all(outcomes);
  t.deepEqual(released, [1]);
});

test('where no run is possible, the reason is given, and a second request is granted', async (t) => {
  const { hire, nth } = crew();
  await using slots = await Slots.open(1, hire, silent);
  const first = outcomeOf(slots.address, job('a'));
  (await nth(1)).end({ failed: 'The disk is full.' });
  t.deepEqual(await first, { failed: 'The disk is full.' });
  const second = outcomeOf(slots.address, job('a'));
  (await nth(2)).end(PASSED);
  t.deepEqual(await second, { status: 'passed' });
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

test('a connection that breaks costs neither a run nor the wait for one, and none is done twice', async (t) => {
  const { asked, hire, nth } = crew();
  await using slots = await Slots.open(1, hire, silent);
  await using way = await breakable(slots);
  const outcomes = [1, 2].map((index) => outcomeOf(way.address, job('a', index)));
  await inLine(slots, 1);
  way.breakAll();
  (await nth(1)).end(PASSED);
  way.breakAll();
  (await nth(2)).end(PASSED);
  way.breakAll();
  t.deepEqual(await Promise.all(outcomes), [{ status: 'passed' }, { status: 'passed' }]);
  t.is(asked.length, 2);
});

test('what is no message, or half of one, is passed over', async (t) => {
  const { hire, nth } = crew();
  await using slots = await Slots.open(1, hire, silent);
  const stranger = connect(slots.address);
  stranger.end('{"scenario":');
  await once(stranger, 'close');
  const outcome = outcomeOf(slots.address, job('a'));
  (await nth(1)).end(PASSED);
  t.deepEqual(await outcome, { status: 'passed' });
});

test('a run that begins before a test asks for it is done once, and the test learns its outcome', async (t) => {
  const { asked, hire, nth } = crew();
  await using slots = await Slots.open(1, hire, silent);
  slots.begin([job('a', 1), job('a', 2)]);
  (await nth(1)).end(PASSED);
  const second = await nth(2);
  const outcomes = [1, 2].map((index) => outcomeOf(slots.address, job('a', index)));
  t.deepEqual(await outcomes[0], { status: 'passed' });
  second.end(PASSED);
  t.deepEqual(await outcomes[1], { status: 'passed' });
  t.is(asked.length, 2);
});

test('why a run failed that began before it was asked for is kept until somebody asks', async (t) => {
  const { asked, hire, nth } = crew();
  await using slots = await Slots.open(1, hire, silent);
  slots.begin([job('a')]);
  (await nth(1)).end({ failed: 'There is no engine.' });
  await slots.idle();
  t.deepEqual(await outcomeOf(slots.address, job('a')), { failed: 'There is no engine.' });
  t.is(asked.length, 1);
  const again = outcomeOf(slots.address, job('a'));
  (await nth(2)).end(PASSED);
  t.deepEqual(await again, { status: 'passed' }, 'a second request is deliberate');
});

test('a test learns an outcome at once, and the place is taken until the lab has gone', async (t) => {
  const { asked, hire, nth } = crew();
  const gone = Promise.withResolvers<void>();
  await using slots = await Slots.open(1, () => ({ ...hire(), cleared: () => gone.promise }), silent);
  const outcomes = [1, 2].map((index) => outcomeOf(slots.address, job('a', index)));
  (await nth(1)).end(PASSED);
  t.deepEqual(await outcomes[0], { status: 'passed' });
  await inLine(slots, 1);
  t.is(asked.length, 1);
  gone.resolve();
  (await nth(2)).end(PASSED);
  await Promise.all(outcomes);
});
