import test from 'ava';
import fc from 'fast-check';
import { peerName } from './peer-name.ts';

test('an amphora has the peer name that Octavia gives it', (t) => {
  t.is(peerName('cd444019-ce8f-4f89-be6b-0edf76f41b77'), 'O08zAgUhIv9TEXhyYZf2iHdxOkA');
});

test('a peer name is 27 characters that HAProxy takes, and never begins with a dash', (t) => {
  t.notThrows(() =>
    fc.assert(fc.property(fc.string(), (id) => /^[A-Za-z0-9_][A-Za-z0-9_-]{26}$/.test(peerName(id)))),
  );
});
