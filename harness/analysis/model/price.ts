import type { VrrpVersion } from '../../../src/domain/settings.ts';
import { INTERVALS, masterDownIntervalMs } from './vrrp.ts';

/** What an advertisement interval costs. */
export interface Price {
  readonly advertisementsPerSecond: number;
  /** Take-overs a day from a healthy master whose advertisements were lost. */
  readonly falseTakeOversPerDay: number;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * The price of an interval where each advertisement is lost with probability `loss`, independently: the backup
 * takes over when no advertisement comes within its master-down interval: that takes three lost in a row, as long as
 * the skew is less than an interval.
 */
export function priceOf(
  setting: { readonly version: VrrpVersion; readonly advertIntMs: number; readonly backupPriority: number },
  loss: number,
): Price {
  const { version, advertIntMs, backupPriority } = setting;
  const inARow = Math.floor(masterDownIntervalMs(version, advertIntMs, backupPriority) / advertIntMs);
  return {
    advertisementsPerSecond: 1000 / advertIntMs,
    falseTakeOversPerDay: (DAY_MS / advertIntMs) * loss ** inARow * (1 - loss),
  };
}

/**
 * The longest advertisement interval with which a silent master costs at most `limitMs` at the worst phase, just
 * after an advertisement; undefined where not even the shortest does.
 */
export function longestInterval(
  version: VrrpVersion,
  backupPriority: number,
  limitMs: number,
): number | undefined {
  const { stepMs, maxMs } = INTERVALS[version];
  let longest: number | undefined;
  for (let advertIntMs = stepMs; advertIntMs <= maxMs; advertIntMs += stepMs) {
    if (masterDownIntervalMs(version, advertIntMs, backupPriority) > limitMs) break;
    longest = advertIntMs;
  }
  return longest;
}
