/** Section [health_manager] of octavia.conf, as far as an amphora or its watcher reads it; times in seconds. */
export interface HealthManagerSettings {
  /** Secret of the amphorae and the health manager. */
  readonly heartbeat_key: string;
  readonly heartbeat_interval: number;
  /** Silence after which an amphora is failed over. */
  readonly heartbeat_timeout: number;
  readonly health_check_interval: number;
  /** Where amphorae send their heartbeats: `address:port`, IPv6 in brackets. */
  readonly controller_ip_port_list: readonly string[];
}

/** Upstream's bind_port. */
export const HEARTBEAT_PORT = 5555;

/** Upstream's defaults, except for the two of a site. */
export const DEFAULT_HEALTH_MANAGER = {
  heartbeat_interval: 10,
  heartbeat_timeout: 60,
  health_check_interval: 3,
} as const;
