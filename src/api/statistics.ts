/** A listener's counters (octavia/common/data_models.py, ListenerStatistics). */
export interface Statistics {
  readonly bytes_in: number;
  readonly bytes_out: number;
  /** Now; the others since the listener has been there. */
  readonly active_connections: number;
  readonly total_connections: number;
  readonly request_errors: number;
}

/** Whoever hears the heartbeats of amphorae. */
export interface StatisticsSource {
  /** Of a listener on one amphora; undefined where none has been heard of. */
  statisticsOf(amphoraId: string, listenerId: string): Statistics | undefined;
}

export function sum(parts: readonly Statistics[]): Statistics {
  const total = (of: keyof Statistics) => parts.reduce((so, part) => so + part[of], 0);
  return {
    active_connections: total('active_connections'),
    bytes_in: total('bytes_in'),
    bytes_out: total('bytes_out'),
    request_errors: total('request_errors'),
    total_connections: total('total_connections'),
  };
}
