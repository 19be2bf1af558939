import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { streamPair } from './stream-pair.ts';

test('what is written while the pair is corked is one write', async (t) => {
  const writes: string[] = [];
  const writable = new Writable({
    write(piece, _encoding, done) {
      writes.push(String(piece));
      done();
    },
  });
  const pair = streamPair(new PassThrough(), writable);
  pair.cork();
  for (const piece of ['head ', 'body ', 'end']) pair.write(piece);
  pair.uncork();
  pair.end(' and no more');
  await once(pair, 'finish');
  t.deepEqual(writes, ['head body end', ' and no more']);
});

test('all that is read arrives, however slowly it is taken', async (t) => {
  const readable = new PassThrough();
  const pair = streamPair(readable, new PassThrough());
  const sent = 'x'.repeat(300_000);
  readable.end(sent);
  await once(pair, 'readable');
  t.is((await text(pair)).length, sent.length);
});

test('the pair ends with either of its halves', async (t) => {
  for (const ending of ['readable', 'writable'] as const) {
    const halves = { readable: new PassThrough(), writable: new PassThrough() };
    const pair = streamPair(halves.readable, halves.writable);
    halves[ending].destroy();
    await once(pair, 'close');
    t.true(halves.readable.destroyed && halves.writable.destroyed, ending);
  }
});
