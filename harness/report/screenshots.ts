import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startBrowser } from './browser.ts';

const WIDE = 1200;
const NARROW = 390;
const HEIGHT = 900;

const VIEWS = [
  { name: 'overview-light', width: WIDE, colorScheme: 'light', part: '#overview' },
  { name: 'overview-dark', width: WIDE, colorScheme: 'dark', part: '#overview' },
  { name: 'overview-narrow', width: NARROW, colorScheme: 'light', part: '#overview' },
  { name: 'scenario-light', width: WIDE, colorScheme: 'light', part: 'section.scenario' },
  { name: 'scenario-dark', width: WIDE, colorScheme: 'dark', part: 'section.scenario' },
  { name: 'scenario-narrow', width: NARROW, colorScheme: 'light', part: 'section.scenario' },
  { name: 'trend-light', width: WIDE, colorScheme: 'light', part: '.trend' },
  { name: 'trend-dark', width: WIDE, colorScheme: 'dark', part: '.trend' },
  { name: 'trend-narrow', width: NARROW, colorScheme: 'light', part: '.trend' },
] as const;

/**
 * Draws a report as a browser shows it: the overview, its first scenario and its first trend, light, dark and narrow.
 *
 * @param folder takes the pictures; it is there already
 * @returns the files; without a trend in the report, none of it
 * @throws BrowserMissing
 */
export async function takeScreenshots(report: string, folder: string): Promise<readonly string[]> {
  const browser = await startBrowser();
  const files: string[] = [];
  try {
    for (const { name, width, colorScheme, part } of VIEWS) {
      const page = await browser.newPage({ viewport: { width, height: HEIGHT }, colorScheme });
      await page.goto(pathToFileURL(report).href);
      const shown = page.locator(part).first();
      if ((await shown.count()) > 0) {
        const file = join(folder, `${name}.png`);
        await shown.screenshot({ path: file });
        files.push(file);
      }
      await page.close();
    }
  } finally {
    await browser.close();
  }
  return files;
}
