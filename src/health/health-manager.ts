import { EventEmitter, on } from 'node:events';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { decodeHeartbeat, type HealthMessage, MESSAGE_VERSION, NoHeartbeat } from './message.ts';
import { type OperatingStatuses, operatingStatuses } from './operating-status.ts';

/** Section [health_manager] of octavia.conf, as far as an amphora or its watcher reads it; times in seconds. */
export interface HealthManagerSettings {
  /** Secret of the amphorae and the health manager. */
  readonly heartbeat_key: string;
  readonly heartbeat_interval: number;
  /** An amphora that has been silent for so long is failed over. */
  readonly heartbeat_timeout: number;
  readonly health_check_interval: number;
  /** Where amphorae send their heartbeats: `address:port`, IPv6 in brackets. */
  readonly controller_ip_port_list: readonly string[];
}

/** Upstream's, but for the two that name a site. */
export const DEFAULT_HEALTH_MANAGER = {
  heartbeat_interval: 10,
  heartbeat_timeout: 60,
  health_check_interval: 3,
} as const;

/** Of a listener at one amphora (octavia/common/data_models.py, ListenerStatistics). */
export interface ListenerStatistics {
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly active_connections: number;
  readonly total_connections: number;
  readonly request_errors: number;
}

interface Watched {
  heardMs: number;
  message?: HealthMessage;
  readonly statistics: Map<string, ListenerStatistics>;
}

/**
 * Watches amphorae by their heartbeats (octavia/controller/healthmanager): keeps what they tell, and has one
 * that fell silent failed over.
 */
export class HealthManager implements Disposable {
  readonly #settings: Pick<HealthManagerSettings, 'heartbeat_key' | 'heartbeat_timeout'>;
  readonly #onStale: (amphoraId: string, silentMs: number) => Promise<void> | void;
  readonly #onHeartbeat: (amphoraId: string) => void;
  readonly #wanted: (() => readonly string[]) | undefined;
  readonly #nowMs: () => number;
  readonly #watched = new Map<string, Watched>();
  readonly #timer: NodeJS.Timeout;
  readonly #events = new EventEmitter();
  #received = 0;
  #rejected = 0;

  /**
   * @param options.onStale called once for each amphora that falls silent, which is not watched any longer then
   * @param options.watched whom to watch, asked at each check; without it, whoever was named to {@link watch}
   * @param options.onHeartbeat called after a watched amphora's heartbeat has been taken
   * @param options.nowMs a clock that never goes back, ms
   */
  constructor(options: {
    readonly settings: Omit<HealthManagerSettings, 'controller_ip_port_list' | 'heartbeat_interval'>;
    readonly onStale: (amphoraId: string, silentMs: number) => Promise<void> | void;
    readonly watched?: () => readonly string[];
    readonly onHeartbeat?: (amphoraId: string) => void;
    readonly nowMs?: () => number;
  }) {
    this.#settings = options.settings;
    this.#onStale = options.onStale;
    this.#onHeartbeat = options.onHeartbeat ?? (() => {});
    this.#wanted = options.watched;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#timer = setInterval(() => this.check(), options.settings.health_check_interval * 1000);
    this.#timer.unref();
  }

  /** Datagrams that were heartbeats, and those that were dropped as none. */
  get counters(): { readonly received: number; readonly rejected: number } {
    return { received: this.#received, rejected: this.#rejected };
  }

  /** Begins to watch an amphora; its time runs from now on. */
  watch(amphoraId: string): void {
    this.#watched.set(amphoraId, { heardMs: this.#nowMs(), statistics: new Map() });
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
    watched.heardMs = this.#nowMs();
    watched.message = message;
    for (const [id, { stats }] of Object.entries(message.listeners)) {
      // Before version 3, counters are whole.
      const before = message.ver >= MESSAGE_VERSION ? watched.statistics.get(id) : undefined;
      watched.statistics.set(id, {
        bytes_in: (before?.bytes_in ?? 0) + stats.rx,
        bytes_out: (before?.bytes_out ?? 0) + stats.tx,
        active_connections: stats.conns,
        total_connections: (before?.total_connections ?? 0) + stats.totconns,
        request_errors: (before?.request_errors ?? 0) + stats.ereq,
      });
    }
    this.#onHeartbeat(message.id);
  }

  /** Watches those that are wanted now; the time of a new one runs from now on. */
  #follow(): void {
    if (!this.#wanted) return;
    const wanted = new Set(this.#wanted());
    for (const id of this.#watched.keys()) if (!wanted.has(id)) this.forget(id);
    for (const id of wanted) if (!this.#watched.has(id)) this.watch(id);
  }

  /**
   * Resolves once what is asked for is so, looked at after each heartbeat.
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
        `It was not so within ${limitMs / 1000} s, after ${this.#received} heartbeats and ${this.#rejected} rejected datagrams.`,
        { cause },
      );
    }
  }

  /** The newest heartbeat of an amphora. */
  heard(amphoraId: string): HealthMessage | undefined {
    return this.#watched.get(amphoraId)?.message;
  }

  /** A listener's counters, of all amphorae together. */
  statistics(listenerId: string): ListenerStatistics {
    const parts = [...this.#watched.values()].flatMap(({ statistics }) => statistics.get(listenerId) ?? []);
    const sum = (of: keyof ListenerStatistics) => parts.reduce((total, part) => total + part[of], 0);
    return {
      bytes_in: sum('bytes_in'),
      bytes_out: sum('bytes_out'),
      active_connections: sum('active_connections'),
      total_connections: sum('total_connections'),
      request_errors: sum('request_errors'),
    };
  }

  /** Operating statuses of a load balancer, as an amphora's newest heartbeat tells them. */
  statuses(amphoraId: string, loadBalancer: LoadBalancer): OperatingStatuses | undefined {
    const message = this.heard(amphoraId);
    return message && operatingStatuses(loadBalancer, message);
  }

  /** Looks for amphorae that fell silent; called every `health_check_interval`. */
  check(): void {
    this.#follow();
    for (const [id, { heardMs }] of this.#watched) {
      const silentMs = this.#nowMs() - heardMs;
      if (silentMs < this.#settings.heartbeat_timeout * 1000) continue;
      this.forget(id);
      // A failover that fails has told so by itself: the watcher watches on.
      (async () => this.#onStale(id, silentMs))().catch(() => {});
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
