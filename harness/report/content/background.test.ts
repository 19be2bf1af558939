import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { UnreadableResult } from '../../result/result.ts';
import { type Background, readBackground, writeBackground } from './background.ts';

const background: Background = {
  baseline: { id: 'before', startedAt: '2026-11-01T00:00:00.000Z', fingerprint: 'f' },
  changes: [
    {
      scenario: 'master-kill',
      metric: 'excess',
      verdict: 'regressed',
      effectMs: 61,
      interval: [40, 80],
      p: 0.001,
      minimumEffectMs: 25,
      phase: 'detection',
      n: { baseline: 12, now: 12 },
    },
  ],
  trend: [],
};

test('a background is read as it was written; a folder without one has an empty one', async (t) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'background-'));
  t.deepEqual(await readBackground(folder.path), { changes: [], trend: [] });
  await writeBackground(folder.path, background);
  t.deepEqual(await readBackground(folder.path), background);
});

test('a file that is no background is refused with the field that is wrong', async (t) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'background-'));
  await writeFile(join(folder.path, 'background.json'), '{"changes":[{"scenario":"master-kill"}]}');
  const error = await t.throwsAsync(() => readBackground(folder.path), { instanceOf: UnreadableResult });
  t.regex(error?.message ?? '', /background\.json is no background.*changes\[0\]/);
});
