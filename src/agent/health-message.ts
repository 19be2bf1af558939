import { MESSAGE_VERSION } from '../health/encode-heartbeat.ts';
import type { HealthMessage } from '../health/message.ts';
import type { LvsReport } from './lvs-report.ts';

/** HAProxy's counters of a frontend as they were when last told, by the frontend's name. */
export type Counters = Readonly<Record<string, Readonly<Record<Counted, number>>>>;

const COUNTED = ['bin', 'bout', 'ereq', 'stot'] as const;
type Counted = (typeof COUNTED)[number];

/** A line of HAProxy's `show stat`, by column (management.txt, 9.1). */
type Row = Readonly<Record<string, string>>;

/**
 * The next heartbeat of an amphora (octavia/…/health_daemon/health_daemon.py, build_stats_message).
 *
 * @param statistics answers of each HAProxy here to `show stat`
 * @param before counters of the heartbeat before: the message has the difference
 */
export function healthMessage({
  id,
  seq,
  statistics,
  lvs = [],
  before,
}: {
  readonly id: string;
  readonly seq: number;
  readonly statistics: readonly string[];
  /** Listeners that keepalived serves: UDP and SCTP. */
  readonly lvs?: readonly LvsReport[];
  readonly before: Counters;
}): { readonly message: HealthMessage; readonly counters: Counters } {
  const rows = statistics.flatMap(rowsOf).filter((row) => !row.pxname?.includes('prometheus'));
  const counters: Record<string, Record<Counted, number>> = {};
  const listeners: HealthMessage['listeners'] = {};
  const pools: HealthMessage['pools'] = {};
  const report = (listener: string, status: string, now: Record<Counted, number>, conns: number) => {
    counters[listener] = now;
    const since = (key: Counted) => difference(now[key], before[listener]?.[key] ?? 0);
    listeners[listener] = {
      status,
      stats: {
        ...{ tx: since('bout'), rx: since('bin'), conns },
        ...{ totconns: since('stot'), ereq: since('ereq') },
      },
    };
  };
  for (const row of rows) {
    const { pxname = '', svname = '', status = '' } = row;
    if (svname === 'FRONTEND') {
      report(pxname, status, counted(row), Number(row.scur));
      continue;
    }
    pools[pxname] ??= { status: '', members: {} };
    const pool = pools[pxname];
    if (svname === 'BACKEND') pool.status = status;
    // Some versions of HAProxy do not say so by themselves (haproxy_query.py).
    else pool.members[svname] = status === 'UP' && row.weight === '0' ? 'DRAIN' : status;
  }
  for (const { listenerId, totals, activeConnections, pool } of lvs) {
    report(listenerId, 'OPEN', totals, activeConnections);
    if (pool) pools[pool.id] = pool.told;
  }
  return { message: { id, seq, listeners, pools, ver: MESSAGE_VERSION }, counters };
}

/** A HAProxy that was started again counts from zero. */
function difference(now: number, before: number): number {
  return now < before ? now : now - before;
}

function counted(row: Row): Record<Counted, number> {
  const number = (key: Counted) => Number(row[key] || 0);
  return { bin: number('bin'), bout: number('bout'), ereq: number('ereq'), stot: number('stot') };
}

/** None of the columns that are read comes after one that may hold a comma. */
function rowsOf(csv: string): Row[] {
  const [header = '', ...lines] = csv.replace(/^# /, '').trim().split('\n');
  const columns = header.split(',');
  return lines
    .filter((line) => line.includes(','))
    .map((line) => Object.fromEntries(line.split(',').map((value, index) => [columns[index] ?? '', value])));
}
