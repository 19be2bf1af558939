import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import test from 'ava';
import type { Page } from 'playwright-core';
import { browserPath, startBrowser } from './browser.ts';
import { exampleBackground, exampleReport } from './content/example.ts';
import { reportPage } from './page/page.ts';

/** Where no browser is installed, its tests are skipped. */
const testWithBrowser = (await browserPath()) ? test.serial : test.serial.skip;
const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Opens the example's report from disk; gives what the browser complained of. */
async function opened(
  options: { readonly colorScheme?: 'light' | 'dark'; readonly width: number },
  look: (page: Page, complaints: readonly string[]) => Promise<void>,
): Promise<void> {
  const browser = await startBrowser();
  try {
    await using example = await exampleReport();
    const { folder, result } = example;
    const file = join(folder, 'report.html');
    await writeFile(file, await reportPage(folder, result, exampleBackground(result)));
    const page = await browser.newPage({
      viewport: { width: options.width, height: 900 },
      colorScheme: options.colorScheme ?? 'light',
    });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(`asks the network for ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    await look(page, complaints);
  } finally {
    await browser.close();
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  testWithBrowser(
    `in ${colorScheme} colours axe finds nothing, and the browser does not complain`,
    async (t) => {
      await opened({ colorScheme, width: 1200 }, async (page, complaints) => {
        await page.evaluate(
          `for (const details of document.querySelectorAll('details')) details.open = true`,
        );
        await page.evaluate(await readFile(AXE, 'utf8'));
        const { violations } = (await page.evaluate('axe.run()')) as { violations: readonly Violation[] };
        t.deepEqual(
          violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary ?? ''}`),
          [],
        );
        t.deepEqual(complaints, []);
      });
    },
  );
}

testWithBrowser('a narrow screen shows the page without scrolling it sideways', async (t) => {
  await opened({ width: 390 }, async (page) => {
    t.is(await page.evaluate('document.documentElement.scrollWidth'), 390);
  });
});

testWithBrowser('a run opens by the keyboard alone', async (t) => {
  await opened({ width: 1200 }, async (page) => {
    const run = page.locator('#garp-lost-run-1');
    t.is(await run.getAttribute('open'), null);
    await run.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    t.is(await run.getAttribute('open'), '');
  });
});
