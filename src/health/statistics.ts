import { MESSAGE_VERSION } from './encode-heartbeat.ts';
import type { HealthMessage } from './message.ts';

/** Counters of a listener (octavia/common/data_models.py, ListenerStatistics). */
export interface ListenerStatistics {
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly active_connections: number;
  readonly total_connections: number;
  readonly request_errors: number;
}

const NOTHING: ListenerStatistics = {
  bytes_in: 0,
  bytes_out: 0,
  active_connections: 0,
  total_connections: 0,
  request_errors: 0,
};

/** Listeners together: a listener's amphorae, or a load balancer's listeners. */
export function addUp(parts: readonly ListenerStatistics[]): ListenerStatistics {
  return parts.reduce(
    (sum, part) => ({
      bytes_in: sum.bytes_in + part.bytes_in,
      bytes_out: sum.bytes_out + part.bytes_out,
      active_connections: sum.active_connections + part.active_connections,
      total_connections: sum.total_connections + part.total_connections,
      request_errors: sum.request_errors + part.request_errors,
    }),
    NOTHING,
  );
}

/**
 * The counters of each listener at each amphora, from heartbeats (octavia/statistics/drivers/update_db.py). What an
 * amphora has counted stays when it has been replaced.
 */
export class Statistics {
  /** By listener, then by amphora. */
  readonly #known = new Map<string, Map<string, ListenerStatistics>>();

  take({ id: amphoraId, ver, listeners }: HealthMessage): void {
    for (const [listenerId, { stats }] of Object.entries(listeners)) {
      const amphorae = this.#known.get(listenerId) ?? new Map<string, ListenerStatistics>();
      this.#known.set(listenerId, amphorae);
      // Before version 3, counters are whole.
      const before = (ver >= MESSAGE_VERSION && amphorae.get(amphoraId)) || NOTHING;
      const counted = {
        bytes_in: stats.rx,
        bytes_out: stats.tx,
        active_connections: stats.conns,
        total_connections: stats.totconns,
        request_errors: stats.ereq,
      };
      amphorae.set(amphoraId, addUp([{ ...before, active_connections: 0 }, counted]));
    }
  }

  /**
   * A listener's counters of all amphorae together; all zero where none has reported it.
   *
   * @param serving ids of the amphorae that are still there: only their connections are open
   *   (octavia/common/stats.py)
   */
  ofListener(listenerId: string, serving: readonly string[]): ListenerStatistics {
    const amphorae = [...(this.#known.get(listenerId) ?? [])];
    return addUp(
      amphorae.map(([id, found]) => (serving.includes(id) ? found : { ...found, active_connections: 0 })),
    );
  }

  /** An amphora's counters, by listener. */
  ofAmphora(amphoraId: string): ReadonlyMap<string, ListenerStatistics> {
    const found = [...this.#known].flatMap(([listenerId, amphorae]) => {
      const counted = amphorae.get(amphoraId);
      return counted ? [[listenerId, counted] as const] : [];
    });
    return new Map(found);
  }

  /** Forgets listeners that are there no longer. */
  keepOnly(listenerIds: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) if (!listenerIds.has(id)) this.#known.delete(id);
  }
}
