/**
 * Which release's configuration files are written: `rocky` is the seed's (VRRP `state` present),
 * `current` is today's upstream (no `state`, so that `nopreempt` is honoured).
 */
export type Profile = 'rocky' | 'current';

/** VRRP versions that keepalived speaks: RFC 3768 and RFC 5798. */
export type VrrpVersion = 2 | 3;

/** Section [keepalived_vrrp] of octavia.conf; all intervals in seconds, defaults as upstream. */
export interface KeepalivedVrrpSettings {
  /** Whole seconds in version 2, hundredths in version 3. */
  readonly vrrp_advert_int: number;
  readonly vrrp_check_interval: number;
  readonly vrrp_fail_count: number;
  readonly vrrp_success_count: number;
  readonly vrrp_garp_refresh_interval: number;
  readonly vrrp_garp_refresh_count: number;
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
    vrrp_advert_int: 1,
    vrrp_check_interval: 5,
    vrrp_fail_count: 2,
    vrrp_success_count: 2,
    vrrp_garp_refresh_interval: 5,
    vrrp_garp_refresh_count: 2,
    vrrp_version: 2,
  },
  haproxy_maxconn: 1_000_000,
  split: false,
};
