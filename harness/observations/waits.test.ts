import test from 'ava';
import fc from 'fast-check';
import { address, advertisement, at, type Fate, fault, request, requests, VIP } from './history.fixture.ts';
import type { Observation } from './observation.ts';
import { connectionsBack, everyRequest, first, heldByAlone, type Look, quietUntil, streak } from './waits.ts';

const SERVED: Fate = { by: '172.16.1.3' };
const LOST: Fate = { failure: 'timeout' };

/** What a look finds in a history, and after how many of its entries. */
function seen<T>(look: Look<T>, sinceMs: number, history: readonly Observation[]) {
  const show = look(BigInt(at(sinceMs)));
  for (const [n, entry] of history.entries()) {
    const found = show(entry);
    if (found !== undefined) return { found, after: n + 1 };
  }
  return undefined;
}

test('the first match is the first one that is not too early', (t) => {
  const history = [0, 10, 20].map((ms) => address(ms, 'added', `node-${ms}`));
  const look = first((entry) => entry.kind === 'address');
  t.is(seen(look, 10, history)?.found, history[1]);
  t.is(seen(look, 21, history), undefined);
});

test('a look that is used twice counts anew each time', (t) => {
  const look = streak(3);
  const history = requests({ sequence: 0, ms: 0 }, Array(5).fill(SERVED));
  t.is(seen(look, 0, history)?.after, 3);
  t.is(seen(look, 0, history)?.after, 3);
});

test('a streak counts nothing from before', (t) => {
  const history = requests({ sequence: 0, ms: -100 }, Array(30).fill(SERVED));
  t.is(seen(streak(10), 0, history)?.after, 20);
  t.is(seen(streak(21), 0, history), undefined);
});

test('a streak goes by the order of sending: a request that fails late ends it', (t) => {
  const late = request(3, 30, LOST, 100);
  const others = requests({ sequence: 0, ms: 0 }, Array(8).fill(SERVED)).filter((_, n) => n !== 3);
  t.is(seen(streak(5), 0, others), undefined, 'nobody knows of the fourth yet');
  t.is(seen(streak(5), 0, [...others, late]), undefined);
  t.is(seen(streak(4), 0, [...others, late])?.after, 8, 'four after the lost one');
});

test('while something is wrong no streak grows, and what was sent meanwhile does not count', (t) => {
  const wrongUntil = address(35, 'removed', 'amphora-1');
  const history = [
    address(0, 'added', 'amphora-2'),
    ...requests({ sequence: 0, ms: 0 }, Array(4).fill(SERVED)),
    wrongUntil,
    ...requests({ sequence: 4, ms: 40 }, Array(4).fill(SERVED)),
  ];
  const broken = () => {
    let wrong = false;
    return (entry: Observation) => {
      if (entry.kind === 'address') wrong = entry.change === 'added';
      return wrong;
    };
  };
  t.is(seen(streak(4, broken), 0, history)?.after, 10);
  t.is(seen(streak(5, broken), 0, history), undefined);
});

test('every request up to an instant has its outcome, those too that were under way', (t) => {
  const underWay = request(1, 10, LOST, 950);
  const rest = [0, 2, 3].map((n) => request(n, 10 * n, SERVED));
  t.is(seen(everyRequest(BigInt(at(25))), 0, rest), undefined);
  const whole = seen(everyRequest(BigInt(at(25))), 5, [...rest, underWay]);
  t.deepEqual(
    whole?.found.map(({ sequence }) => sequence),
    [1, 2],
  );
});

test('every request is found whatever the order of their outcomes', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(12).keys()], { minLength: 12 }), (order) => {
        const history = order.map((n) => request(n, 10 * n, n % 3 === 0 ? LOST : SERVED));
        const found = seen(everyRequest(BigInt(at(110))), 20, history)?.found;
        return found?.map(({ sequence }) => sequence).join() === '2,3,4,5,6,7,8,9,10';
      }),
    ),
  );
});

test('a request that is enough ends the look for every request', (t) => {
  const history = requests({ sequence: 0, ms: 0 }, [LOST, SERVED, LOST]);
  const found = seen(
    everyRequest(BigInt(at(1000)), ({ outcome }) => outcome === 'answered'),
    0,
    history,
  );
  t.is(found?.after, 2);
});

test('it is quiet until an instant, or something disturbs before it', (t) => {
  const look = quietUntil(BigInt(at(20)), (entry): entry is Observation => entry.kind === 'address');
  const clock = requests({ sequence: 0, ms: 0 }, Array(3).fill(SERVED));
  t.is(seen(look, 0, clock)?.found, 'quiet');
  const moved = address(15, 'removed', 'amphora-1');
  t.is(seen(look, 0, [moved, ...clock])?.found, moved);
  t.is(seen(look, 0, [address(-5, 'removed', 'amphora-1'), ...clock])?.found, 'quiet', 'before it');
  t.is(seen(look, 0, [address(25, 'removed', 'amphora-1'), ...clock])?.found, 'quiet', 'after it');
});

test('who holds the address alone is known from what came before', (t) => {
  const look = heldByAlone('amphora-2', VIP, 'amphora-1');
  const clock = request(0, 50, SERVED);
  const taken = address(10, 'added', 'amphora-2');
  const given = address(20, 'removed', 'amphora-1');
  t.is(seen(look, 30, [taken, given, clock])?.found, clock);
  t.is(seen(look, 0, [taken, given, clock])?.found, given);
  t.is(seen(look, 0, [taken, clock]), undefined);
});

test('what is no clock and no change ends no wait', (t) => {
  const frame = advertisement(30, { node: 'amphora-2', ip: '172.16.1.7' }, 90);
  const history = [
    address(-20, 'added', 'amphora-2'),
    address(-10, 'removed', 'amphora-1'),
    frame,
    fault(40),
  ];
  t.is(seen(heldByAlone('amphora-2', VIP, 'amphora-1'), 0, history), undefined);
});

test('held connections are back at a request at which none is without service', (t) => {
  const held = (connection: number, change: 'cut' | 'retried', ms: number) =>
    ({ kind: 'connection', atNs: at(ms), connection, change, detail: '' }) as const;
  const history = [
    held(1, 'cut', 1),
    request(0, 2, SERVED),
    held(2, 'cut', 3),
    held(1, 'retried', 4),
    request(1, 5, SERVED),
    held(2, 'retried', 6),
    request(2, 7, SERVED),
    request(3, 8, SERVED),
  ];
  t.is(seen(connectionsBack(3), 0, history)?.found, history[6]);
  t.is(seen(connectionsBack(3), 8, history)?.found, history[7]);
  t.is(seen(connectionsBack(3), 0, history.slice(0, 5)), undefined);
});

test('held connections that were all opened anew after the last change need not be used once more', (t) => {
  const anew = (connection: number, ms: number) => [
    { kind: 'connection', atNs: at(ms), connection, change: 'cut', detail: '' } as const,
    { kind: 'connection', atNs: at(ms + 1), connection, change: 'retried', detail: '' } as const,
  ];
  const history = [fault(0), ...anew(1, 1), request(0, 3, SERVED), ...anew(2, 4), request(1, 6, SERVED)];
  const found = (...more: readonly Observation[]) =>
    seen(connectionsBack(2), 100, [...more, request(2, 100, SERVED)])?.found.atNs;
  t.is(found(...history), at(6));
  t.is(found(...history.slice(0, 4), address(4, 'added', 'amphora-2'), ...history.slice(4)), at(100));
  t.is(found(...history.slice(0, 4), fault(4), ...history.slice(4)), at(100));
});
