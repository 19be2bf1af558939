import type { VrrpVersion } from '../../../src/domain/settings.ts';

/**
 * Skew time, ms: what spreads the backups' timers by their priorities. RFC 3768, section 6.1:
 * (256 − priority) / 256 s; RFC 5798 and 9568, section 6.1: that share of the advertisement interval. keepalived
 * counts in microseconds and cuts off the rest (VRRP_TIMER_SKEW in its vrrp.h).
 */
export function skewMs(version: VrrpVersion, advertIntMs: number, priority: number): number {
  return ((256 - priority) / 256) * (version === 2 ? 1000 : advertIntMs);
}

/** Hundredths of a second in 12 bits (RFC 5798 and 9568, section 5.2.7), whole seconds in an octet (RFC 3768, 5.3.7). */
export const INTERVALS = { 2: { stepMs: 1000, maxMs: 255_000 }, 3: { stepMs: 10, maxMs: 40_950 } } as const;

/** The advertisement interval as keepalived rounds it, ms (vrrp_complete_instance() of keepalived/vrrp/vrrp.c). */
export function roundedIntervalMs(version: VrrpVersion, advertIntMs: number): number {
  const { stepMs, maxMs } = INTERVALS[version];
  return Math.min(maxMs, Math.max(stepMs, Math.round(advertIntMs / stepMs) * stepMs));
}

/**
 * Master-down interval, ms: the silence after which a backup takes over (same sections).
 *
 * @param adverts how many advertisements must be missing (keepalived's `down_timer_adverts`)
 */
export function masterDownIntervalMs(
  version: VrrpVersion,
  advertIntMs: number,
  priority: number,
  adverts = 3,
): number {
  return adverts * advertIntMs + skewMs(version, advertIntMs, priority);
}

/**
 * The holder goes on with a lower priority, or falls silent at any phase: the timer runs on from the last advertisement
 * that counted. Where there is a `preempt_delay`, it begins with the first lower one, and advertisements count until its
 * end (vrrp_state_backup() of keepalived/vrrp/vrrp.c).
 */
export function unheardMs(
  {
    advertIntMs,
    skew,
    adverts,
  }: { readonly advertIntMs: number; readonly skew: number; readonly adverts: number },
  preemptDelayMs = 0,
): { readonly min: number; readonly max: number } {
  const laterMs = preemptDelayMs > 0 ? preemptDelayMs + advertIntMs : 0;
  return {
    min: preemptDelayMs + (adverts - 1) * advertIntMs + skew,
    max: laterMs + adverts * advertIntMs + skew,
  };
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
  readonly adverts?: number;
}): number {
  const { version, advertIntMs, priority, phaseMs, adverts } = input;
  return masterDownIntervalMs(version, advertIntMs, priority, adverts) - phaseMs;
}
