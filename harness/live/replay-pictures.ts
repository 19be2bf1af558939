import { join } from 'node:path';
import { startBrowser } from '../report/browser.ts';
import { type Site, serve } from './server.ts';

const VIEWPORT = { width: 1200, height: 960 };

/**
 * Draws the end of a replay's first run as a browser shows it, light and dark.
 *
 * @param folder takes the pictures; it is there already
 * @returns the files
 * @throws BrowserMissing
 */
export async function takeReplayPictures(site: Site, folder: string): Promise<readonly string[]> {
  await using served = await serve(site);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    await page.goto(served.url);
    const files: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const file = join(folder, `replay-${colorScheme}.png`);
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: file });
      files.push(file);
    }
    return files;
  } finally {
    await browser.close();
  }
}
