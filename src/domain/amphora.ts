/** Role of an amphora in its load balancer's topology (octavia/common/constants.py). */
export type AmphoraRole = 'MASTER' | 'BACKUP' | 'STANDALONE';

/** Priorities that Octavia gives to the two amphorae of an ACTIVE_STANDBY pair. */
export const VRRP_PRIORITY = { MASTER: 100, BACKUP: 90 } as const;

/** The port on which the agent in an amphora serves its REST API. */
export const AGENT_PORT = 9443;

/** A header in which the testbed's agent reports how many files HAProxy may have open; upstream's has none. */
export const OPEN_FILES_HEADER = 'amphora-open-files';

/**
 * One appliance, with the names of Octavia's amphora table. Fields are empty until the flow that
 * learns them has run: `lb_network_ip` after boot, `vrrp_ip` and `ha_ip` after the VIP port is plugged.
 */
export interface Amphora {
  readonly id: string;
  readonly role: AmphoraRole;
  readonly compute_id: string;
  /** Address on the management network. */
  readonly lb_network_ip: string;
  /** Where the controller reaches the agent, e.g. `https://192.168.0.3:9443`. */
  readonly agent_url: string;
  /** The amphora's own address on the VIP network. */
  readonly vrrp_ip: string;
  /** The VIP. */
  readonly ha_ip: string;
  readonly vrrp_port_id: string;
  readonly vrrp_priority: number;
  /** Interface that holds `vrrp_ip`, as the agent answers it; normally eth1. */
  readonly vrrp_interface: string;
}
