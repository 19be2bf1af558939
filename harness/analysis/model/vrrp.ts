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

/** How long the check script waits for a HAProxy that does not answer (octavia/cmd/haproxy_vrrp_check.py). */
const CHECK_SOCKET_LIMIT_MS = 5000;

/**
 * Time from HAProxy's hang until the check script has failed often enough, ms. The check that meets the
 * hang begins within an interval; each waits for its socket, and the next begins when the interval has passed
 * and it has ended (keepalived.conf(5), vrrp_script).
 */
export function checkScriptMs(
  intervalMs: number,
  fall: number,
): { readonly min: number; readonly max: number } {
  const spacingMs = Math.max(intervalMs, CHECK_SOCKET_LIMIT_MS);
  const min = (fall - 1) * spacingMs + CHECK_SOCKET_LIMIT_MS;
  return { min, max: min + spacingMs };
}
