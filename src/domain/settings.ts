/**
 * Which release's configuration files are written: `rocky` is the seed's (VRRP `state` present),
 * `current` is today's upstream (no `state`, so that `nopreempt` is honoured).
 */
export type Profile = 'rocky' | 'current';

/** VRRP versions that keepalived speaks: RFC 3768 and RFC 5798. */
export type VrrpVersion = 2 | 3;

/** Whole numbers of section [keepalived_vrrp] of octavia.conf: upstream's default, and the most; intervals in seconds. */
export const KEEPALIVED_VRRP = {
  vrrp_check_interval: { unset: 5, max: 3600 },
  vrrp_fail_count: { unset: 2, max: 100 },
  vrrp_success_count: { unset: 2, max: 100 },
  vrrp_garp_refresh_interval: { unset: 5, max: 3600 },
  vrrp_garp_refresh_count: { unset: 2, max: 100 },
} as const satisfies Readonly<Record<string, { readonly unset: number; readonly max: number }>>;

export interface KeepalivedVrrpSettings extends Readonly<Record<keyof typeof KEEPALIVED_VRRP, number>> {
  /** Whole seconds in version 2, hundredths in version 3. */
  readonly vrrp_advert_int: number;
  /** A setting of the testbed; upstream leaves it at keepalived's default of 2. */
  readonly vrrp_version: VrrpVersion;
}

/** What the controller puts into the files that it renders, beyond the load balancer itself. */
export interface Settings {
  readonly profile: Profile;
  readonly keepalived_vrrp: KeepalivedVrrpSettings;
  /** HAProxy's `global maxconn`; upstream writes 1000000, which a small machine cannot hold. */
  readonly haproxy_maxconn: number;
  /** Each listener has a HAProxy of its own, as in Rocky (API 0.5), instead of one for the load balancer. */
  readonly split: boolean;
}

/** Upstream's defaults. */
export const DEFAULT_SETTINGS: Settings = {
  profile: 'current',
  keepalived_vrrp: {
    ...unset(),
    vrrp_advert_int: 1,
    vrrp_version: 2,
  },
  haproxy_maxconn: 1_000_000,
  split: false,
};

function unset(): Readonly<Record<keyof typeof KEEPALIVED_VRRP, number>> {
  const entries = Object.entries(KEEPALIVED_VRRP).map(([name, { unset: value }]) => [name, value]);
  return Object.fromEntries(entries) as Record<keyof typeof KEEPALIVED_VRRP, number>;
}
