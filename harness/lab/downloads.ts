import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { DOWNLOAD_PATH } from './backends.ts';
import { get } from './http.ts';
import type { Lab } from './lab.ts';

const BEGIN_LIMIT_MS = 5000;
/** A back end sends twenty times a second: a download that gets nothing for this long stands still. */
const STILL_MS = 2000;

/** What has become of a download: bytes still arrive, none do, it was cut short, or all have arrived. */
export type DownloadState = 'running' | 'standing still' | 'cut' | 'whole';

/** Downloads through the VIP that take longer than any failover. */
export interface Downloads extends Disposable {
  /** How each fares; resolves when enough time has passed to tell. */
  states(): Promise<readonly DownloadState[]>;
}

/**
 * Begins downloads from a port of the VIP in the client's namespace; bytes of each have arrived.
 *
 * @throws AbortError when one does not begin
 */
export async function beginDownloads(
  lab: Lab,
  { count, port }: { readonly count: number; readonly port: number },
): Promise<Downloads> {
  await using stack = new AsyncDisposableStack();
  const forward = stack.use(await lab.forwardVip(port));
  const downloads = Array.from({ length: count }, () => new Download(forward.port));
  stack.defer(() => {
    for (const download of downloads) download.end();
  });
  await Promise.all(downloads.map((download) => download.begun(BEGIN_LIMIT_MS)));
  const kept = stack.move();
  return {
    async states() {
      const before = downloads.map(({ bytes }) => bytes);
      await delay(STILL_MS);
      return downloads.map((download, n) => download.stateSince(before[n] ?? 0));
    },
    [Symbol.dispose]: () => void kept.disposeAsync(),
  };
}

class Download {
  bytes = 0;
  #ended: 'cut' | 'whole' | undefined;
  readonly #request: ClientRequest;

  constructor(port: number) {
    this.#request = get({ host: '127.0.0.1', port, path: DOWNLOAD_PATH, agent: false });
    const cut = () => {
      this.#ended ??= 'cut';
    };
    this.#request.on('error', cut).on('response', (response) => {
      response
        .on('data', (chunk: Buffer) => {
          this.bytes += chunk.length;
        })
        .on('end', () => {
          this.#ended ??= response.complete ? 'whole' : 'cut';
        })
        .on('error', cut);
    });
  }

  async begun(limitMs: number): Promise<void> {
    const signal = AbortSignal.timeout(limitMs);
    const [response] = await once(this.#request, 'response', { signal });
    await once(response, 'data', { signal });
  }

  stateSince(bytes: number): DownloadState {
    return this.#ended ?? (this.bytes > bytes ? 'running' : 'standing still');
  }

  end(): void {
    this.#request.destroy();
  }
}
