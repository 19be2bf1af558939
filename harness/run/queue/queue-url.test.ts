import test from 'ava';
import { UsageError } from '../../usage-error.ts';
import { parseQueueUrl } from './queue-url.ts';

for (const [text, connection, name] of [
  ['redis://queue.example', { host: 'queue.example', port: 6379, db: 0 }, 'redis://queue.example:6379/0'],
  ['redis://127.0.0.1:6380/', { host: '127.0.0.1', port: 6380, db: 0 }, 'redis://127.0.0.1:6380/0'],
  ['redis://[::1]:6380/3', { host: '::1', port: 6380, db: 3 }, 'redis://[::1]:6380/3'],
  [
    'redis://:s%40cret@queue.example/1',
    { host: 'queue.example', port: 6379, db: 1, password: 's@cret' },
    'redis://queue.example:6379/1',
  ],
  [
    'rediss://night:secret@queue.example:7000',
    { host: 'queue.example', port: 7000, db: 0, username: 'night', password: 'secret', tls: {} },
    'rediss://queue.example:7000/0',
  ],
] as const) {
  test(`a queue at ${text}`, (t) => {
    t.deepEqual(parseQueueUrl(text), { connection, name } as ReturnType<typeof parseQueueUrl>);
  });
}

for (const text of [
  '',
  'queue.example:6379',
  'http://queue.example',
  'redis://',
  'redis://queue.example/one',
  'redis://queue.example/1/2',
  'redis://queue.example:99999',
  'redis://queue.example?db=1',
  'redis://:secret@queue.example:port',
  'http://night:secret@queue.example',
  ':secret@queue.example',
  'redis://:sec@ret@queue.example/x',
]) {
  test(`"${text}" is no queue: one sentence says what is, and repeats no password`, (t) => {
    const error = t.throws(() => parseQueueUrl(text), { instanceOf: UsageError });
    t.regex(
      error?.message ?? '',
      /^--queue takes redis:\/\/HOST:PORT\/DB, or rediss:\/\/ for TLS; found ".*"\.$/,
    );
    t.notRegex(error?.message ?? '', /sec|ret@/);
  });
}
