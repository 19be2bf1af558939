/**
 * Which release's configuration files are written: `rocky` is the seed's (VRRP `state` present),
 * `current` is today's upstream (no `state`, so that `nopreempt` is honoured).
 */
export type Profile = 'rocky' | 'current';

/** Section [keepalived_vrrp] of octavia.conf; all intervals in seconds, defaults as upstream. */
export interface KeepalivedVrrpSettings {
  readonly vrrp_advert_int: number;
  readonly vrrp_check_interval: number;
  readonly vrrp_fail_count: number;
  readonly vrrp_success_count: number;
  readonly vrrp_garp_refresh_interval: number;
  readonly vrrp_garp_refresh_count: number;
}

/** What the controller puts into the files that it renders, beyond the load balancer itself. */
export interface Settings {
  readonly profile: Profile;
  readonly keepalived_vrrp: KeepalivedVrrpSettings;
  /** HAProxy's `global maxconn`; upstream writes 1000000, which a small machine cannot hold. */
  readonly haproxy_maxconn: number;
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
  },
  haproxy_maxconn: 1_000_000,
};
