import test from 'ava';
import { address, advertisement, announcement, requests, VIP } from './history.fixture.ts';
import type { Observation } from './observation.ts';
import { fits, type Pattern } from './pattern.ts';
import { seenInstead } from './seen-instead.ts';

const BACKUP = { node: 'amphora-2', ip: '172.16.1.7' };
const WANTED: Pattern = { kind: 'address', node: 'amphora-2', address: VIP, change: 'added' };

test('a pattern fits what has all its values, in nested objects too', (t) => {
  const farewell: Pattern = { kind: 'frame', port: 'amphora-2', frame: { type: 'vrrp', priority: 0 } };
  t.true(fits(farewell, advertisement(0, BACKUP, 0)));
  t.false(fits(farewell, advertisement(0, BACKUP, 90)));
  t.false(fits(farewell, announcement(0, 'amphora-2')));
});

test('what was seen is named from the nearest on, five kinds of it at the most, and the rest is counted', (t) => {
  const history: Observation[] = [
    ...requests({ sequence: 0, ms: 0 }, [
      ...Array(300).fill({ failure: 'timeout' }),
      ...Array(20).fill({ failure: 'ECONNREFUSED' }),
      { by: '172.16.1.3' },
    ]),
    advertisement(0, { node: 'amphora-1', ip: '172.16.1.3' }, 100),
    announcement(5, 'amphora-1'),
    address(7, 'added', 'amphora-1', '192.0.2.1'),
    address(8, 'removed', 'amphora-2'),
    address(9, 'added', 'amphora-1'),
    advertisement(10, BACKUP, 90),
  ];
  const said = seenInstead(history, [WANTED]);
  t.regex(
    said,
    /^seen meanwhile, the nearest first: 172\.16\.1\.10 added on amphora-1, 172\.16\.1\.10 removed on amphora-2, 192\.0\.2\.1 added on amphora-1, /,
  );
  t.is(said.match(/, /g)?.length, 6);
  t.regex(said, /, and 322 more of 4 other kinds\.$/);
  t.true(said.length < 400);
});

test('a word that means something else in another kind of observation makes it no nearer', (t) => {
  const history = [
    announcement(0, 'amphora-1'),
    address(1, 'added', 'amphora-1'),
    ...requests({ sequence: 0, ms: 2 }, [{ failure: 'timeout' }]),
  ];
  t.regex(
    seenInstead(history, [{ kind: 'request', outcome: 'answered' }]),
    /: request failed \(timeout\), 172\.16\.1\.10 added on amphora-1, announcement of /,
  );
});

test('beside what is near, the many kinds that have nothing in common with it are counted only', (t) => {
  const others = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'].map((ip, n) =>
    address(n, 'added', 'amphora-1', ip),
  );
  const refused = requests({ sequence: 0, ms: 9 }, [{ failure: 'ECONNREFUSED' }]);
  const wanted: Pattern[] = [{ kind: 'request', outcome: 'answered' }];
  t.regex(
    seenInstead([...others, ...refused], wanted),
    /: request failed \(ECONNREFUSED\), and 5 more of 5 other kinds\.$/,
  );
  t.regex(seenInstead([...others, ...others], wanted), /: 2 × 192\.0\.2\.5 added on amphora-1, /);
});

test('nothing seen is said, too', (t) => {
  t.is(seenInstead([], [WANTED]), 'nothing at all was seen meanwhile.');
});
