/** keepalived of the testbed's own image, of Debian bookworm. */
export const OWN_KEEPALIVED = '2.2.7';

type Version = readonly [major: number, minor: number, patch: number];

/**
 * Releases that start a check script although its last run has not ended: e8e64015 lost the `return` that skips the run
 * (2.1.3), 94d40e3b brought it back (2.3.3); both in vrrp_script_thread() of keepalived/vrrp/vrrp_scheduler.c.
 */
const OVERLAPPING = { from: [2, 1, 3], before: [2, 3, 3] } as const satisfies Record<string, Version>;

/** The first release that reads the times of a check script in milliseconds (6f9ace3c, vrrp_parser.c). */
const MILLISECONDS: Version = [2, 3, 2];

/**
 * Whether this keepalived skips a run of a check script that is due while the last one has not ended.
 *
 * @param version as keepalived or its package has it, such as `2.3.3` or `1:2.3.3-1`; `2.3` is any release of 2.3
 * @returns undefined where the version is not known well enough
 */
export function skipsDueRun(version: string | undefined): boolean | undefined {
  return of(version, skips);
}

/** Whether this keepalived cuts the interval and the timeout of a check script to whole seconds, one at least. */
export function cutsToSeconds(version: string | undefined): boolean | undefined {
  return of(version, (each) => isBefore(each, MILLISECONDS));
}

/** What holds for every release that a version may name; undefined where it does not hold for all or none. */
function of(version: string | undefined, holds: (version: Version) => boolean): boolean | undefined {
  const [, major, minor, patch] = /^(?:\d+:)?v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  const [first, last] = (patch === undefined ? [0, Number.POSITIVE_INFINITY] : [patch, patch]).map((each) =>
    holds([Number(major), Number(minor), Number(each)]),
  );
  return major !== undefined && first === last ? first : undefined;
}

function skips(version: Version): boolean {
  return isBefore(version, OVERLAPPING.from) || !isBefore(version, OVERLAPPING.before);
}

function isBefore(one: Version, other: Version): boolean {
  const [a = 0, b = 0] = one.map((part, n) => [part, other[n] ?? 0]).find(([x, y]) => x !== y) ?? [];
  return a < b;
}
