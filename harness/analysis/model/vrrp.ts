import type { VrrpVersion } from '../../../src/domain/settings.ts';

/**
 * Skew time, ms: what spreads the backups' timers by their priorities. RFC 3768, section 6.1:
 * (256 − priority) / 256 s; RFC 5798 and 9568, section 6.1: that share of the advertisement interval. keepalived
 * counts in microseconds and cuts off the rest (VRRP_TIMER_SKEW in its vrrp.h).
 */
export function skewMs(version: VrrpVersion, advertIntMs: number, priority: number): number {
  return ((256 - priority) / 256) * (version === 2 ? 1000 : advertIntMs);
}

/** Master-down interval, ms: the silence after which a backup takes over (same sections). */
export function masterDownIntervalMs(version: VrrpVersion, advertIntMs: number, priority: number): number {
  return 3 * advertIntMs + skewMs(version, advertIntMs, priority);
}

/**
 * The time that the protocol demands from a silent master's fault to the take-over, ms: the master-down
 * interval runs from its last advertisement, which came `phaseMs` before the fault.
 */
export function silentMasterMs(input: {
  readonly version: VrrpVersion;
  readonly advertIntMs: number;
  /** Priority of the backup that takes over. */
  readonly priority: number;
  readonly phaseMs: number;
}): number {
  return masterDownIntervalMs(input.version, input.advertIntMs, input.priority) - input.phaseMs;
}

/** When a check script that waits for an answer is ended, ms. */
export interface HungCheck {
  readonly intervalMs: number;
  readonly fall: number;
  /** keepalived ends it then; where none is configured, it is the interval (keepalived.conf(5), vrrp_script). */
  readonly timeoutMs?: number;
  /** It ends by itself then. */
  readonly givesUpMs?: number;
}

/**
 * Time from HAProxy's hang until the check script has failed often enough, ms. The check that meets the hang begins
 * within an interval; each lasts until it gives up, or until keepalived ends it.
 *
 * @param skips whether keepalived skips a run that is due while the last one has not ended: where a check lasts as long
 *   as the interval, as with Octavia's defaults, only every second run takes place
 */
export function checkScriptMs(
  { intervalMs, fall, timeoutMs = intervalMs, givesUpMs = timeoutMs }: HungCheck,
  skips: boolean,
): { readonly min: number; readonly max: number } {
  const lastsMs = Math.min(givesUpMs, timeoutMs);
  // A run that ends just when the next one is due has not ended by then.
  const spacingMs = skips ? (Math.floor(lastsMs / intervalMs) + 1) * intervalMs : intervalMs;
  const min = (fall - 1) * spacingMs + lastsMs;
  return { min, max: min + intervalMs };
}
