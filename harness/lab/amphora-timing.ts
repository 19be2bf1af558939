import type { Settings } from '../../src/domain/settings.ts';
import type { PairTiming } from './lab.ts';

/** The timing of amphorae under these settings. */
export function timingOf({ keepalived_vrrp: options }: Pick<Settings, 'keepalived_vrrp'>): PairTiming {
  return {
    advertIntMs: options.vrrp_advert_int * 1000,
    checkIntervalMs: options.vrrp_check_interval * 1000,
    checkFall: options.vrrp_fail_count,
    refresh: {
      intervalMs: options.vrrp_garp_refresh_interval * 1000,
      repeat: options.vrrp_garp_refresh_count,
    },
  };
}
