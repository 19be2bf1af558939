import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { DEFAULT_SETTINGS, type Settings } from '../../src/domain/settings.ts';

/** What the user typed cannot be done; one sentence says what was found and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const seconds = (max: number) => z.coerce.number().int().min(1).max(max);
/** What `--set` takes, with the defaults of Octavia ([keepalived_vrrp] in octavia.conf). */
const schema = z.object({
  // One octet in VRRPv2 (RFC 3768, section 5.3.8).
  advert_int: seconds(255).default(DEFAULT_SETTINGS.keepalived_vrrp.vrrp_advert_int),
  check_interval: seconds(3600).default(DEFAULT_SETTINGS.keepalived_vrrp.vrrp_check_interval),
  fail_count: seconds(100).default(DEFAULT_SETTINGS.keepalived_vrrp.vrrp_fail_count),
  success_count: seconds(100).default(DEFAULT_SETTINGS.keepalived_vrrp.vrrp_success_count),
  garp_refresh_interval: seconds(3600).default(DEFAULT_SETTINGS.keepalived_vrrp.vrrp_garp_refresh_interval),
  garp_refresh_count: seconds(100).default(DEFAULT_SETTINGS.keepalived_vrrp.vrrp_garp_refresh_count),
  profile: z.enum(['current', 'rocky']).default(DEFAULT_SETTINGS.profile),
});

/** What a scenario's runs have in common; seconds where Octavia has seconds. */
export type Parameters = z.output<typeof schema>;
export const PARAMETER_NAMES = Object.keys(schema.shape);

/**
 * Reads `key=value` pairs.
 *
 * @throws UsageError
 */
export function parseParameters(pairs: readonly string[]): Parameters {
  const given: Record<string, string> = {};
  for (const pair of pairs) {
    const [key = '', value] = pair.split(/=(.*)/s);
    if (value === undefined) throw new UsageError(`--set takes key=value; found "${pair}".`);
    if (!PARAMETER_NAMES.includes(key)) {
      throw new UsageError(
        `--set: there is no parameter "${key}"; the nearest is ${closest(key, PARAMETER_NAMES)}, and there are ${PARAMETER_NAMES.join(', ')}.`,
      );
    }
    given[key] = value;
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = String(issue?.path[0]);
    throw new UsageError(`--set ${key}: "${given[key]}" is not allowed: ${issue?.message}.`);
  }
  return parsed.data;
}

/** The controller's settings under these parameters. */
export function settingsOf(parameters: Parameters): Settings {
  return {
    ...DEFAULT_SETTINGS,
    profile: parameters.profile,
    keepalived_vrrp: {
      vrrp_advert_int: parameters.advert_int,
      vrrp_check_interval: parameters.check_interval,
      vrrp_fail_count: parameters.fail_count,
      vrrp_success_count: parameters.success_count,
      vrrp_garp_refresh_interval: parameters.garp_refresh_interval,
      vrrp_garp_refresh_count: parameters.garp_refresh_count,
    },
  };
}
