import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import test from 'ava';
import { eachJson, eachLine } from './lines.ts';

/** Both ends of a connection. */
async function connection() {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [near] = (await once(server, 'connection')) as [Socket];
  server.close();
  far.on('error', () => {});
  return { near, far };
}

test('a connection that is reset ends its lines, and nothing else', async (t) => {
  const { near, far } = await connection();
  const seen: string[] = [];
  const over = eachLine(near, (line) => {
    seen.push(line);
    if (line === 'second') far.resetAndDestroy();
  });
  far.write('first\nsecond\nhal');
  const problem = (await over) as NodeJS.ErrnoException | undefined;
  t.is(problem?.code, 'ECONNRESET');
  t.deepEqual(seen, ['first', 'second']);
});

test('a connection that is half closed ends its lines in order', async (t) => {
  const { near, far } = await connection();
  const seen: string[] = [];
  const over = eachLine(near, (line) => seen.push(line));
  far.end('first\nlast');
  t.is(await over, undefined);
  t.deepEqual(seen, ['first', 'last']);
  near.destroy();
  far.destroy();
});

test('a stream that is destroyed ends its lines, with or without an error', async (t) => {
  const [silent, loud] = [new PassThrough(), new PassThrough()];
  const [first, second] = [eachLine(silent, () => {}), eachLine(loud, () => {})];
  silent.destroy();
  loud.destroy(new Error('cut'));
  t.is(await first, undefined);
  t.is((await second)?.message, 'cut');
});

test('a line that is cut short is no value', async (t) => {
  const stream = new PassThrough();
  const seen: unknown[] = [];
  const over = eachJson(stream, (value) => seen.push(value));
  stream.end('{"a":1}\n{"a":{"b":2}');
  await over;
  t.deepEqual(seen, [{ a: 1 }]);
});
