import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import test from 'ava';
import { keptIn } from './stream-to-file.ts';

test('a stream that is destroyed while its file holds it up is no stream that is waited for', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kept-'));
  t.teardown(() => rm(folder, { recursive: true }));
  t.timeout(10_000);
  const path = join(folder, 'journal.log');
  // As a stream of HTTP/2 does, it says that nothing more comes when it is destroyed.
  const stream = new Duplex({
    read() {},
    destroy(error, done) {
      this.push(null);
      done(error);
    },
  });
  const kept = keptIn(path, stream);
  stream.push('x'.repeat(1_000_000));
  await new Promise((resolve) => stream.once('pause', resolve));
  stream.destroy();
  await kept;
  t.is((await readFile(path)).length, 1_000_000);
});

test('a file that cannot be written is said', async (t) => {
  const stream = new Duplex({ read() {} });
  t.teardown(() => stream.destroy());
  await t.throwsAsync(keptIn('/nowhere/journal.log', stream), { code: 'ENOENT' });
});
