import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { stored } from '../analysis/verdict/stored-run.fixture.ts';
import { browserPath, startBrowser } from '../report/browser.ts';
import { exampleReport } from '../report/content/example.ts';
import type { Result } from '../result/result.ts';
import { RUN_FILES, writeFacts } from '../run/run-folder.ts';
import { openedAt, violationsOf } from './browser.fixture.ts';
import { replaySite } from './replay.ts';
import { takeReplayPictures } from './replay-pictures.ts';
import { serve } from './server.ts';

const testWithBrowser = (await browserPath()) ? test.serial : test.serial.skip;

/** A stored result of one run: the master loses power, and the backup answers after 3.3 s. */
async function storedResult(folder: string): Promise<Result> {
  await using example = await exampleReport();
  const [scenario] = example.result.scenarios;
  const [run] = scenario?.runs ?? [];
  if (!scenario || !run) throw new Error('The example has no run.');
  const { facts, history } = stored();
  const place = join(folder, 'master-kill/run-1');
  await mkdir(place, { recursive: true });
  await writeFacts(place, facts);
  await writeFile(
    join(place, RUN_FILES.history),
    history.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  );
  const artifacts = { capture: 'master-kill/run-1/capture.pcapng', logs: [] };
  return { ...example.result, scenarios: [{ ...scenario, runs: [{ ...run, artifacts, episodes: [] }] }] };
}

testWithBrowser('a stored run is scrubbed through by the keyboard, and axe finds nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'replay-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await using served = await serve(replaySite(folder, await storedResult(folder)));
  const browser = await startBrowser();
  try {
    const { page, complaints } = await openedAt(browser, served.url);
    await page.locator('#episode-1').waitFor();
    await page.locator('#status', { hasText: 'clients are served' }).waitFor();
    await page.locator('#instant').focus();
    await page.keyboard.press('Home');
    await page.locator('#episodes', { hasText: 'Nothing has been done yet' }).waitFor();
    await page.locator('#instant').fill('3000');
    await page.locator('#status', { hasText: 'clients have been cut off' }).waitFor();
    await page.locator('#episodes', { hasText: 'not over yet' }).waitFor();
    await page.keyboard.press('End');
    await page.locator('#episode-1').waitFor();
    t.deepEqual(await violationsOf(page), []);
    t.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
});

testWithBrowser('a replay is drawn light and dark, in small files', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'replay-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const files = await takeReplayPictures(replaySite(folder, await storedResult(folder)), folder);
  t.deepEqual(
    files.map((file) => basename(file)),
    ['replay-light.png', 'replay-dark.png'],
  );
  const [light, dark] = await Promise.all(files.map((file) => readFile(file)));
  t.true((light?.length ?? 0) < 150_000 && (dark?.length ?? 0) < 150_000, `${light?.length} ${dark?.length}`);
  t.false(light?.equals(dark ?? Buffer.alloc(0)));
});
