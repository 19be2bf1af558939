import { mock } from 'node:test';
import test from 'ava';
import { address, at, FAULT_AT_MS, fault, request, VIP } from './history.fixture.ts';
import { type Awaited, InstrumentLate, NotObserved, ObservationLog } from './observation-log.ts';
import { servedFor } from './steady-requests.ts';
import { first } from './waits.ts';

const SERVED = { by: '172.16.1.3' };
const ON_BACKUP: Awaited<unknown> = {
  what: 'VIP on amphora-2',
  limitMs: 1000,
  sinceNs: BigInt(at(0)),
  look: first((entry) => entry.kind === 'address' && entry.node === 'amphora-2'),
  like: [{ kind: 'address', node: 'amphora-2', address: VIP }],
};

test('what was seen already ends a wait, what is too early does not', async (t) => {
  await using log = new ObservationLog('/dev/null');
  log.append(address(-1, 'added', 'amphora-2'));
  const waiting = log.waitFor(ON_BACKUP);
  const seen = address(1, 'added', 'amphora-2');
  log.append(seen);
  t.is(await waiting, seen);
  t.is(await log.waitFor(ON_BACKUP), seen);
});

test('what comes all the time is forgotten once it is old; who held the VIP and what was done is not', async (t) => {
  await using log = new ObservationLog('/dev/null');
  const [moved, done] = [address(-9, 'added', 'amphora-2'), fault(-9)];
  const [old, young] = [request(1, -8, SERVED), request(2, 8, SERVED)];
  for (const entry of [moved, done, old, young]) log.append(entry);
  log.forget(BigInt(at(0)));
  t.deepEqual(log.entries, [moved, done, young]);
});

test.serial('a wait that runs out says what was nearest, of the time that counts', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    await using log = new ObservationLog('/dev/null');
    log.append(request(0, -10, SERVED));
    log.append(fault(0));
    const failure = t.throwsAsync(log.waitFor(ON_BACKUP), { instanceOf: NotObserved });
    log.append(address(5, 'added', 'amphora-1'));
    mock.timers.tick(1000);
    t.is(
      (await failure).message,
      'VIP on amphora-2 was not seen within 1000 ms; seen meanwhile, the nearest first: 172.16.1.10 added on amphora-1, fault power loss.',
    );
  } finally {
    mock.timers.reset();
  }
});

test.serial(
  'where what clients got is known too late, a wait that runs out tells of the machine',
  async (t) => {
    let nowMs = FAULT_AT_MS;
    await using log = new ObservationLog('/dev/null', () => nowMs);
    log.append(request(0, -10, SERVED));
    const waiting = { ...ON_BACKUP, limitMs: 1 };
    await t.throwsAsync(log.waitFor(waiting), { instanceOf: NotObserved }, 'of before the log was begun');
    log.append(request(1, 1000, SERVED));
    nowMs += 5900;
    await t.throwsAsync(log.waitFor(waiting), { instanceOf: NotObserved });
    nowMs += 200;
    await t.throwsAsync(log.waitFor(waiting), {
      instanceOf: InstrumentLate,
      message:
        'The machine was too busy: what clients got was known 5.1 s late (at most 5.0 s are tolerated).',
    });
    await using silent = new ObservationLog('/dev/null');
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const nothing = t.throwsAsync(servedFor(silent, 10, 30_000), { instanceOf: InstrumentLate });
      mock.timers.tick(30_000);
      t.regex((await nothing).message, /what clients got was not known after 30\.0 s/);
    } finally {
      mock.timers.reset();
    }
    log.append(request(2, 6000, { failure: 'timeout' }));
    await t.throwsAsync(log.waitFor(waiting), { instanceOf: NotObserved });
  },
);

test('nothing is waited for when an observer is lost', async (t) => {
  await using log = new ObservationLog('/dev/null');
  const waiting = log.waitFor(ON_BACKUP);
  log.append({ kind: 'observer lost', atNs: at(1), what: 'the capture at the switch', detail: '' });
  await t.throwsAsync(waiting, { message: /before the capture at the switch ended/ });
  await t.throwsAsync(log.waitFor(ON_BACKUP), { message: /before the capture at the switch ended/ });
});

test.serial('service counts from now on, however well it went before', async (t) => {
  mock.timers.enable({ apis: ['Date', 'setTimeout'], now: Number(BigInt(at(1000)) / 1_000_000n) });
  try {
    await using log = new ObservationLog('/dev/null');
    for (let n = 0; n < 100; n++) log.append(request(n, 10 * n, SERVED));
    const failure = t.throwsAsync(servedFor(log, 10, 500));
    for (let n = 100; n < 109; n++) log.append(request(n, 10 * n, SERVED));
    mock.timers.tick(500);
    t.regex((await failure).message, /^no 10 requests in a row were answered within 500 ms; seen meanwhile/);
    const served = servedFor(log, 10, 500);
    for (let n = 109; n < 119; n++) log.append(request(n, 10 * n + 410, SERVED));
    await t.notThrowsAsync(served);
  } finally {
    mock.timers.reset();
  }
});
