import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { inMemory } from './read-ahead.ts';

const SIZE_BYTES = 100_000;

test('files are in memory where no part of any has to be read', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'read-ahead-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const [written, other, unread] = ['written', 'other', 'unread'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([written, other, unread].map((path) => writeFile(path, Buffer.alloc(SIZE_BYTES, 1))));
  // What is added has no page yet.
  await truncate(unread, 2 * SIZE_BYTES);
  t.true(await inMemory([written, other]));
  t.false(await inMemory([written, unread]));
  t.false(await inMemory([written, join(folder, 'missing')]));
});
