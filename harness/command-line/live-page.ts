import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Option } from 'commander';
import type { Served, Site } from '../live/server.ts';

/** What every command takes that serves a page. */
export function openBrowser(): Option {
  return new Option('--open', 'With --ui: opens the page in the browser, and not only prints its address.');
}

/** Serves a site, and prints its address. */
export async function showSite(site: Site, options: { readonly open?: boolean }): Promise<Served> {
  // Few runs are looked at in a browser.
  const { serve } = await import('../live/server.ts');
  const served = await serve(site);
  showAddress(served.url, options);
  return served;
}

/** Prints a page's address, and opens it where that was asked for. */
export function showAddress(url: string, { open }: { readonly open?: boolean }): void {
  process.stderr.write(`open ${url} in a browser: the address works once; Ctrl-C ends it\n`);
  if (!open) return;
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => process.stderr.write(`${opener} is not there: open the address yourself\n`));
  child.unref();
}

/** Resolves when the command is interrupted, or when one of the others is. */
export async function untilInterrupted(
  signal: AbortSignal,
  ...others: readonly Promise<unknown>[]
): Promise<void> {
  const alive = setInterval(() => {}, 60_000);
  try {
    await Promise.race([signal.aborted ? undefined : once(signal, 'abort'), ...others]);
  } finally {
    clearInterval(alive);
  }
}
