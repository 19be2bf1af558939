import { access } from 'node:fs/promises';
import type { Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** There is no browser on this machine; the message says how to get one. */
export class BrowserMissing extends Error {
  override readonly name = 'BrowserMissing';
}

/**
 * Starts the machine's own Chromium, headless: `CHROMIUM` names another.
 *
 * @throws BrowserMissing
 */
export async function startBrowser(): Promise<Browser> {
  const executablePath = await browserPath();
  if (!executablePath) {
    throw new BrowserMissing(
      `No Chromium is at ${places().join(', ')}: install it (apt-get install chromium), or name one in CHROMIUM.`,
    );
  }
  // Loaded on demand: it is large, and no other command needs it.
  const { chromium } = await import('playwright-core');
  // Chromium's sandbox does not start as root; the only page that it opens is the report.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}

/** Where it is; undefined where there is none. */
export async function browserPath(): Promise<string | undefined> {
  const found = await Promise.all(
    places().map((place) =>
      access(place).then(
        () => true,
        () => false,
      ),
    ),
  );
  return places()[found.indexOf(true)];
}

function places(): readonly string[] {
  return process.env.CHROMIUM ? [process.env.CHROMIUM] : PLACES;
}
