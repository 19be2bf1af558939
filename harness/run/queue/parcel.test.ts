import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { archiveOf } from '../../lab/images/recipe.ts';
import { recordLost } from '../lost-run.ts';
import { runFolder } from '../run-folder.ts';
import { PARCEL_BYTES_MAX, ParcelTooLarge, packRun, unpackRun } from './parcel.ts';

const RUN = { scenario: 'master-kill', index: 1, attempt: 1 };

async function place() {
  const root = await mkdtemp(join(tmpdir(), 'amphora-testbed-parcel-'));
  const from = join(root, runFolder(RUN));
  await recordLost(root, RUN, 'the machine disturbed it');
  return { root, from, to: join(root, 'to'), [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

test('the files of a run arrive as they were', async (t) => {
  await using at = await place();
  const capture = randomBytes(100_000);
  await writeFile(join(at.from, 'capture.pcapng'), capture);
  await unpackRun(await packRun(at.from), at.to);
  t.deepEqual((await readdir(at.to)).sort(), ['capture.pcapng', 'run.json']);
  t.deepEqual(await readFile(join(at.to, 'capture.pcapng')), capture);
  t.deepEqual(await readFile(join(at.to, 'run.json')), await readFile(join(at.from, 'run.json')));
});

test('a run larger than the queue may hold is refused with its size', async (t) => {
  await using at = await place();
  await writeFile(join(at.from, 'capture.pcapng'), randomBytes(PARCEL_BYTES_MAX + 1e6));
  await t.throwsAsync(packRun(at.from), {
    instanceOf: ParcelTooLarge,
    message: /have 33 MB, .* takes 32 MB/,
  });
});

test('no file is written beside the folder of the run', async (t) => {
  await using at = await place();
  await mkdir(at.to);
  const content = Buffer.from('{}');
  const tar = await buffer(archiveOf([{ path: '../run.json', mode: 0o644, content }]));
  await t.throwsAsync(unpackRun(gzipSync(tar), at.to), { message: 'A run has no file "../run.json".' });
});

test('a parcel without a verdict is no run', async (t) => {
  await using at = await place();
  const tar = await buffer(archiveOf([{ path: 'facts.json', mode: 0o644, content: Buffer.from('{}') }]));
  await t.throwsAsync(unpackRun(gzipSync(tar), at.to), { message: 'A run came without its verdict.' });
});
