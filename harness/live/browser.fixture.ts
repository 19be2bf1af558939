import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';

const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));

/** Opens a page; collects what the browser complains of. */
export async function openedAt(
  browser: Browser,
  url: string,
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

/** What axe finds on a page in light and in dark colours, and whether a narrow screen has to be scrolled sideways. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(await readFile(AXE, 'utf8'));
    const { violations } = (await page.evaluate('axe.run()')) as {
      violations: readonly { id: string; nodes: readonly { html: string }[] }[];
    };
    found.push(...violations.map(({ id, nodes }) => `${colorScheme}: ${id}: ${nodes[0]?.html}`));
  }
  await page.setViewportSize({ width: 390, height: 900 });
  const width = await page.evaluate('document.documentElement.scrollWidth');
  return width === 390 ? found : [...found, `${width} px wide on a screen of 390`];
}
