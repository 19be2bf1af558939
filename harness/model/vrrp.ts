/** VRRP versions that keepalived speaks: RFC 3768 and RFC 5798. */
export type VrrpVersion = 2 | 3;

/**
 * Skew time, ms: what spreads the backups' timers by their priorities. RFC 3768, section 6.1:
 * (256 − priority) / 256 s; RFC 5798, section 6.1: that share of the advertisement interval.
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
  /** Of the backup that takes over. */
  readonly priority: number;
  readonly phaseMs: number;
}): number {
  return masterDownIntervalMs(input.version, input.advertIntMs, input.priority) - input.phaseMs;
}
