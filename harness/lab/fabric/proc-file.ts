import { closeSync, openSync, readSync } from 'node:fs';

/** A file of /proc that is read again and again: kept open, one look costs some microseconds. */
export class ProcFile implements Disposable {
  static readonly #buffer = Buffer.alloc(4096);
  readonly #fd: number;
  #ended = false;

  /** @throws when there is none */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  /** Undefined once the process has ended. */
  read(): string | undefined {
    // Node takes longer to say that than a hundred looks.
    if (this.#ended) return undefined;
    try {
      const length = readSync(this.#fd, ProcFile.#buffer, 0, ProcFile.#buffer.length, 0);
      return ProcFile.#buffer.toString('latin1', 0, length);
    } catch {
      this.#ended = true;
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** A tick of proc(5), in /proc/stat and /proc/PID/stat: USER_HZ is 100 on every architecture that Linux has today. */
export const USER_TICK_MS = 10;

/** What a thread has run, and what it has waited to run (Documentation/scheduler/sched-stats.rst); undefined once it has ended. */
export function schedstat(
  text: string | undefined,
): { readonly ranNs: bigint; readonly waitedNs: bigint } | undefined {
  const [ran, waited] = text?.split(' ') ?? [];
  return ran === undefined || waited === undefined
    ? undefined
    : { ranNs: BigInt(ran), waitedNs: BigInt(waited) };
}
