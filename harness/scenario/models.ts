import { VRRP_PRIORITY } from '../../src/domain/amphora.ts';
import { renderKeepalived } from '../../src/templates/keepalived.ts';
import { asBounds, type Bounds, either } from '../analysis/model/bounds.ts';
import { refusedMs, timesOutMs } from '../analysis/model/check-script.ts';
import { readVrrpConfiguration, type VrrpConfiguration } from '../analysis/model/keepalived-configuration.ts';
import { OWN_KEEPALIVED } from '../analysis/model/keepalived-version.ts';
import type { Prediction } from '../analysis/model/prediction.ts';
import { silentMasterMs, skewMs, unheardMs } from '../analysis/model/vrrp.ts';
import { type Parameters, settingsOf } from './parameters.ts';
import { CLIENT_PATIENCE_MS, OUTAGE_PATIENCE_MS } from './world/probes.ts';

/** What the protocol demands for the outage, ms (a figure, or bounds), and how to say it in a clause. */
export interface Model {
  (known: Prediction): number | Bounds;
  readonly says: string;
  /** How long a client waits for its answer. */
  readonly patienceMs: number;
}

/** Gives a model its words. */
export function demands(
  says: string,
  outage: (known: Prediction) => number | Bounds,
  patienceMs: number = OUTAGE_PATIENCE_MS,
): Model {
  return Object.assign((known: Prediction) => outage(known), { says, patienceMs });
}

/** As long as the holder goes on answering, the wait costs nobody anything. */
const silence = ({ holder, other, phaseMs, servedMs }: Prediction): number =>
  silentMasterMs({
    version: other.version,
    advertIntMs: holder.advertIntMs,
    priority: other.priority,
    phaseMs: phaseMs + servedMs,
    adverts: other.downAdverts,
  });

const skew = ({ holder, other }: Prediction): number =>
  skewMs(other.version, holder.advertIntMs, other.priority);

/** The master falls silent at the fault, without a farewell. */
export const silentMaster = demands(
  'the backup waits for its master-down interval, 3 × advert_int + skew, from the last advertisement that it heard (RFC 3768, section 6.1)',
  silence,
);

/** The master says farewell. */
export const farewell = demands(
  'an advertisement with priority 0 shortens the wait to the skew time (RFC 3768, section 6.4.2)',
  skew,
);

/** How long the check script waits for a HAProxy that does not answer (octavia/cmd/haproxy_vrrp_check.py). */
const CHECK_SOCKET_LIMIT_MS = 5000;

/**
 * The holder's check script fails after a time: without a weight the holder leaves, and with one it goes on with a lower
 * priority. A backup that preempts discards such advertisements, and its timer runs on from the last higher one
 * (vrrp_state_backup() of keepalived/vrrp/vrrp.c).
 */
function checked(
  known: Prediction,
  failsAfter: (check: NonNullable<VrrpConfiguration['check']>) => Bounds,
): Bounds {
  const { holder, other } = known;
  if (!holder.check) return UNBOUNDED;
  const { min, max, ...unsure } = failsAfter(holder.check);
  const { failedPriority } = holder.check;
  if (failedPriority === undefined) return { min: min + skew(known), max: max + skew(known), ...unsure };
  if (failedPriority >= other.priority || !other.preempts) return UNBOUNDED;
  const wait = unheardMs({ advertIntMs: holder.advertIntMs, skew: skew(known), adverts: other.downAdverts });
  return { min: min + wait.min, max: max + wait.max, ...unsure };
}

const UNBOUNDED: Bounds = { min: 0, max: Number.POSITIVE_INFINITY };

/** The check script finds that HAProxy does not answer in time. */
export const checkTimesOut = demands(
  'each check waits for HAProxy, as long as it does by itself (Octavia’s 5 s) or one interval at most; fall of them must fail, then the master leaves and the backup waits for its skew; keepalived from 2.3.3 on and before 2.1.3 skips a run that is due while a check still waits, so that detection takes up to fall − 1 intervals longer',
  (known) =>
    checked(known, (check) => {
      const { checkWaitsMs = CHECK_SOCKET_LIMIT_MS, keepalived } = known;
      if (checkWaitsMs !== null) return timesOutMs(check, checkWaitsMs, keepalived);
      return either(timesOutMs(check, 0, keepalived), timesOutMs(check, undefined, keepalived));
    }),
);

/** The check script is refused at once. */
export const checkRefused = demands(
  'a refused check fails at once: fall − 1 to fall intervals, then the skew of the backup',
  (known) => checked(known, (check) => refusedMs(check, known.keepalived)),
);

/** Nothing announces the new holder until keepalived's next announcement. */
export const unannounced = demands(
  'silence as by a power loss, and then up to the next announcement: garp_master_delay or the refresh, whichever comes first (keepalived.conf(5))',
  (known) => {
    const { garpDelayMs, garpRefreshMs } = known.other;
    const takeOver = silence(known);
    // A refresh of 0 is none.
    const next = Math.min(garpDelayMs, garpRefreshMs || Number.POSITIVE_INFINITY);
    return { min: takeOver, max: takeOver + next };
  },
);

/**
 * Two masters hear each other again, and the lower one steps down without a word (vrrp_state_master_rx() of
 * keepalived/vrrp/vrrp.c): clients that followed it are passed on, or wait for the other's next announcement.
 */
export const masterSilentlyGone = demands(
  'the machine that steps down passes packets on where it forwards (net.ipv4.ip_forward); where it does not, clients wait for the next refresh of the announcement',
  ({ holder, other, holderForwards = true }) => {
    const { garpRefreshMs } = holder.priority > other.priority ? holder : other;
    return { min: 0, max: holderForwards ? 0 : garpRefreshMs || Number.POSITIVE_INFINITY };
  },
  CLIENT_PATIENCE_MS,
);

/** What a client may see where nothing goes missing. */
export const noOutage = demands('clients notice nothing: no request is lost', () => 0, CLIENT_PATIENCE_MS);

/** An outage that no protocol bounds: from nothing to a limit that the story gives. */
export const upTo = (says: string, maxMs: number) => demands(says, () => ({ min: 0, max: maxMs }));

/** So long is demanded; what lies beyond it is measured and compared, not judged. */
export const atLeast = (says: string, minMs: number) =>
  demands(says, () => ({ min: minMs, max: Number.POSITIVE_INFINITY }));

/** A pair, before anything happens to it. */
type PairTold = Pick<Prediction, 'holder' | 'other' | 'keepalived'>;

/**
 * The settings of both amphorae under these parameters, read from the rendered files, as a run's model reads them.
 *
 * @param keepalived its version on both
 */
export function pairUnder(parameters: Parameters, keepalived: string = OWN_KEEPALIVED): PairTold {
  const amphora = (role: 'MASTER' | 'BACKUP', vrrp_ip: string) => ({
    ...{ id: role, role, compute_id: role, lb_network_ip: '', agent_url: '', ha_ip: VIP.ip_address },
    ...{ vrrp_ip, vrrp_port_id: role, vrrp_priority: VRRP_PRIORITY[role], vrrp_interface: 'eth1' },
  });
  const amphorae = [amphora('MASTER', '192.0.2.3'), amphora('BACKUP', '192.0.2.7')] as const;
  const settings = settingsOf(parameters);
  const group = {
    ...{ vrrp_group_name: 'predicted', vrrp_auth_pass: '1234567' },
    advert_int: settings.keepalived_vrrp.vrrp_advert_int,
  };
  const [holder, other] = amphorae.map((each) => {
    const text = renderKeepalived({ amphora: each, amphorae, vip: VIP, group, settings });
    const read = readVrrpConfiguration(text);
    if (!read) throw new Error('The rendered keepalived.conf holds no VRRP instance.');
    return read;
  }) as [VrrpConfiguration, VrrpConfiguration];
  return { holder, other, keepalived };
}

/** Addresses of a load balancer that is only rendered for its timers (TEST-NET-1, RFC 5737). */
const VIP = {
  ...{ ip_address: '192.0.2.10', port_id: 'vip', subnet_cidr: '192.0.2.0/24' },
  ...{ gateway_ip: '192.0.2.1', host_routes: [] },
};

/**
 * Whether a model demands one figure at a phase. Where it demands a range, it matters when the last check or announcement was,
 * and that is not told.
 */
export function isExact(model: Model, pair: PairTold): boolean {
  const { min, max } = asBounds(model({ ...pair, phaseMs: 0, servedMs: 0 }));
  return min === max;
}

/** A model's bounds over all phases between two advertisements. */
export function overPhases(model: Model, pair: PairTold): Bounds {
  const [first, last] = [0, pair.holder.advertIntMs].map((phaseMs) =>
    asBounds(model({ ...pair, phaseMs, servedMs: 0 })),
  ) as [Bounds, Bounds];
  return { ...first, min: Math.min(first.min, last.min), max: Math.max(first.max, last.max) };
}
