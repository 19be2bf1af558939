import type { Bounds, Prediction } from '../model/prediction.ts';
import { checkScriptMs, GARP_DELAY_MS, silentMasterMs, skewMs } from '../model/vrrp.ts';
import type { Parameters } from './parameters.ts';
import { CLIENT_PATIENCE_MS, OUTAGE_PATIENCE_MS } from './probes.ts';

type Known = Prediction<Parameters>;

/** What the protocol demands for the outage, ms (a figure, or bounds), and how to say it in a clause. */
export interface Model {
  (known: Known): number | Bounds;
  readonly says: string;
  /** How long a client waits for its answer. */
  readonly patienceMs: number;
}

/** Gives a model its words. */
export function demands(
  says: string,
  outage: (known: Known) => number | Bounds,
  patienceMs: number = OUTAGE_PATIENCE_MS,
): Model {
  return Object.assign((known: Known) => outage(known), { says, patienceMs });
}

const silence = ({ advertIntMs, backupPriority, phaseMs, parameters }: Known): number =>
  silentMasterMs({ version: parameters.vrrp_version, advertIntMs, priority: backupPriority, phaseMs });

const skew = ({ advertIntMs, backupPriority, parameters }: Known): number =>
  skewMs(parameters.vrrp_version, advertIntMs, backupPriority);

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

/** The check script finds that HAProxy does not answer in time. */
export const checkTimesOut = demands(
  'each check waits 5 s for the socket, fall of them must fail, then the master leaves and the backup waits for its skew',
  (known) => {
    const check = checkScriptMs(known.parameters.check_interval * 1000, known.parameters.fail_count);
    return { min: check.min + skew(known), max: check.max + skew(known) };
  },
);

/** The check script is refused at once. */
export const checkRefused = demands(
  'a refused check fails at once: fall − 1 to fall intervals, then the skew of the backup',
  (known) => {
    const { check_interval, fail_count } = known.parameters;
    const intervalMs = check_interval * 1000;
    return { min: (fail_count - 1) * intervalMs + skew(known), max: fail_count * intervalMs + skew(known) };
  },
);

/** Nothing announces the new holder until keepalived's next announcement. */
export const unannounced = demands(
  'silence as by a power loss, and then up to the next announcement: garp_master_delay or the refresh, whichever comes first (keepalived.conf(5))',
  (known) => {
    const takeOver = silence(known);
    const next = Math.min(GARP_DELAY_MS, known.parameters.garp_refresh_interval * 1000);
    return { min: takeOver, max: takeOver + next };
  },
);

/** What a client may see where nothing goes missing: one request at most, so twice the prober's spacing. */
export const noOutage = demands(
  'clients notice nothing: one request is lost at most',
  () => ({ min: 0, max: 20 }),
  CLIENT_PATIENCE_MS,
);

/** An outage that no protocol bounds: from nothing to a limit that the story gives. */
export const upTo = (says: string, maxMs: number) => demands(says, () => ({ min: 0, max: maxMs }));
