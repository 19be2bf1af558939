import { EventEmitter, on } from 'node:events';
import { decodeHeartbeat, type HealthMessage, NoHeartbeat } from './message.ts';
import type { HealthManagerSettings } from './settings.ts';
import { Statistics } from './statistics.ts';

/** An amphora that is to be watched. */
export interface AmphoraToWatch {
  readonly id: string;
  /** It has been heard before: its silence counts from now on. Upstream never fails over an amphora that was never heard. */
  readonly heard: boolean;
}

interface Watched {
  /** Time of its last heartbeat that counted; absent before the first. */
  aliveMs: number | undefined;
  message?: HealthMessage;
}

/**
 * Watches amphorae by their heartbeats (octavia/controller/healthmanager): keeps their contents, and fails silent
 * amphorae over.
 */
export class HealthManager implements Disposable {
  /** What heartbeats have counted. */
  readonly statistics = new Statistics();
  readonly #settings: Pick<HealthManagerSettings, 'heartbeat_key' | 'heartbeat_timeout'>;
  readonly #onStale: (amphoraId: string, silentMs: number) => Promise<void> | void;
  readonly #onHeartbeat: (message: HealthMessage) => boolean;
  readonly #mayReplace: (amphoraId: string) => boolean;
  readonly #wanted: (() => readonly AmphoraToWatch[]) | undefined;
  readonly #nowMs: () => number;
  readonly #watched = new Map<string, Watched>();
  readonly #timer: NodeJS.Timeout;
  readonly #events = new EventEmitter();
  #received = 0;
  #rejected = 0;

  /**
   * @param options.onStale called once for each amphora that falls silent, which is not watched any longer then
   * @param options.mayReplace whether a silent amphora may be replaced now; else it is looked at again later
   * @param options.watched whom to watch, asked at each check; without it, those that were named to {@link watch}
   * @param options.onHeartbeat called with a watched amphora's heartbeat; returns whether it counts
   * @param options.nowMs a clock that never goes back, ms
   */
  constructor(options: {
    readonly settings: Omit<HealthManagerSettings, 'controller_ip_port_list' | 'heartbeat_interval'>;
    readonly onStale: (amphoraId: string, silentMs: number) => Promise<void> | void;
    readonly mayReplace?: (amphoraId: string) => boolean;
    readonly watched?: () => readonly AmphoraToWatch[];
    readonly onHeartbeat?: (message: HealthMessage) => boolean;
    readonly nowMs?: () => number;
  }) {
    this.#settings = options.settings;
    this.#onStale = options.onStale;
    this.#mayReplace = options.mayReplace ?? (() => true);
    this.#onHeartbeat = options.onHeartbeat ?? (() => true);
    this.#wanted = options.watched;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#timer = setInterval(() => this.check(), options.settings.health_check_interval * 1000);
    this.#timer.unref();
  }

  /** Datagrams that were heartbeats, and those that were dropped as none. */
  get counters(): { readonly received: number; readonly rejected: number } {
    return { received: this.#received, rejected: this.#rejected };
  }

  /** Begins to watch an amphora. */
  watch({ id, heard }: AmphoraToWatch): void {
    this.#watched.set(id, { aliveMs: heard ? this.#nowMs() : undefined });
  }

  /** Ends to watch an amphora: it is being deleted or failed over. */
  forget(amphoraId: string): void {
    this.#watched.delete(amphoraId);
  }

  /** Takes a datagram; one that is forged, cut, or of an amphora that is not watched, changes nothing. */
  receive(datagram: Buffer): void {
    let message: HealthMessage;
    try {
      message = decodeHeartbeat(datagram, this.#settings.heartbeat_key);
    } catch (error) {
      if (!(error instanceof NoHeartbeat)) throw error;
      this.#rejected++;
      return;
    }
    this.#received++;
    this.#keep(message);
    this.#events.emit('heartbeat');
  }

  #keep(message: HealthMessage): void {
    const watched = this.#watched.get(message.id);
    if (!watched) return;
    watched.message = message;
    this.statistics.take(message);
    if (this.#onHeartbeat(message)) watched.aliveMs = this.#nowMs();
  }

  /** Watches those that are wanted now. */
  #follow(): void {
    if (!this.#wanted) return;
    const wanted = new Map(this.#wanted().map((amphora) => [amphora.id, amphora]));
    for (const id of this.#watched.keys()) if (!wanted.has(id)) this.forget(id);
    for (const [id, amphora] of wanted) if (!this.#watched.has(id)) this.watch(amphora);
  }

  /**
   * Resolves once the condition holds; it is checked after each heartbeat.
   *
   * @throws when it is not within the limit; the message says how many heartbeats came
   */
  async until(holds: () => boolean, limitMs: number): Promise<void> {
    const signal = AbortSignal.timeout(limitMs);
    const heartbeats = on(this.#events, 'heartbeat', { signal });
    try {
      if (holds()) return;
      for await (const _ of heartbeats) if (holds()) return;
    } catch (cause) {
      if (!signal.aborted) throw cause;
      throw new Error(
        `This did not happen within ${limitMs / 1000} s, after ${this.#received} heartbeats and ${this.#rejected} rejected datagrams.`,
        { cause },
      );
    }
  }

  /** The newest heartbeat of an amphora. */
  heard(amphoraId: string): HealthMessage | undefined {
    return this.#watched.get(amphoraId)?.message;
  }

  /** Looks for amphorae that fell silent; called every `health_check_interval`. */
  check(): void {
    this.#follow();
    for (const [id, { aliveMs }] of this.#watched) {
      if (aliveMs === undefined) continue;
      const silentMs = this.#nowMs() - aliveMs;
      if (silentMs < this.#settings.heartbeat_timeout * 1000 || !this.#mayReplace(id)) continue;
      this.forget(id);
      // A failed failover has been reported; the watcher continues.
      (async () => this.#onStale(id, silentMs))().catch(() => {});
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
