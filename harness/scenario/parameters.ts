import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import {
  DEFAULT_SETTINGS,
  KEEPALIVED_VRRP,
  type Settings,
  type VrrpVersion,
} from '../../src/domain/settings.ts';
import { UsageError } from '../usage-error.ts';

type Counted = keyof typeof KEEPALIVED_VRRP;
/** A setting as `--set` names it: `vrrp_fail_count` is `fail_count`. */
type Named<Setting extends string> = Setting extends `vrrp_${infer Name}` ? Name : Setting;
const COUNTED = Object.entries(KEEPALIVED_VRRP) as [
  Counted,
  { readonly unset: number; readonly max: number },
][];
const nameOf = <Setting extends string>(setting: Setting) => setting.replace(/^vrrp_/, '') as Named<Setting>;

const counted = Object.fromEntries(
  COUNTED.map(([setting, { unset, max }]) => [
    nameOf(setting),
    z.coerce.number().int().min(1).max(max).default(unset),
  ]),
) as Record<Named<Counted>, z.ZodDefault<z.ZodCoercedNumber>>;

/** What `--set` takes, with the defaults of Octavia ([keepalived_vrrp] in octavia.conf). */
const schema = z.object({
  advert_int: z.coerce.number().default(DEFAULT_SETTINGS.keepalived_vrrp.vrrp_advert_int),
  ...counted,
  vrrp_version: z
    .enum(['2', '3'])
    .transform((version) => Number(version) as VrrpVersion)
    .default(DEFAULT_SETTINGS.keepalived_vrrp.vrrp_version),
  profile: z.enum(['current', 'rocky']).default(DEFAULT_SETTINGS.profile),
});

/** What a scenario's runs have in common; seconds where Octavia has seconds. */
export type Parameters = z.output<typeof schema>;
export const PARAMETER_NAMES = Object.keys(schema.shape);

/** One octet of seconds (RFC 3768, section 5.3.8), or 12 bits of centiseconds (RFC 5798, section 5.2.7). */
const ADVERT_INT = {
  2: {
    form: /^\d+$/,
    min: 1,
    max: 255,
    allowed:
      'VRRP version 2 takes whole seconds from 1 to 255; with vrrp_version=3 it is 0.01 to 40.95, in hundredths',
  },
  3: {
    form: /^\d+(\.\d{1,2})?$/,
    min: 0.01,
    max: 40.95,
    allowed: 'VRRP version 3 takes 0.01 to 40.95 seconds, in hundredths',
  },
} as const;

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
  const { advert_int, vrrp_version } = parsed.data;
  const interval = ADVERT_INT[vrrp_version];
  // As text: 0.07 × 100 is no whole number.
  if (!interval.form.test(String(advert_int)) || advert_int < interval.min || advert_int > interval.max) {
    throw new UsageError(
      `--set advert_int: "${given.advert_int ?? advert_int}" is not allowed: ${interval.allowed}.`,
    );
  }
  return parsed.data;
}

/**
 * A scenario's parameters: Octavia's defaults, over them the scenario's own, over them what the user has set.
 *
 * @throws UsageError
 */
export function parametersFor(
  own: Readonly<Partial<Record<string, string | number>>> | undefined,
  set: readonly string[],
): Parameters {
  return parseParameters([...Object.entries(own ?? {}).map(([key, value]) => `${key}=${value}`), ...set]);
}

/** The controller's settings under these parameters. */
export function settingsOf(parameters: Parameters): Settings {
  const { profile, advert_int, vrrp_version } = parameters;
  const values = COUNTED.map(([setting]) => [setting, parameters[nameOf(setting)]]);
  return {
    ...DEFAULT_SETTINGS,
    profile,
    keepalived_vrrp: {
      ...(Object.fromEntries(values) as Record<Counted, number>),
      ...{ vrrp_advert_int: advert_int, vrrp_version },
    },
  };
}
