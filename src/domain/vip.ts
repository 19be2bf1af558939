/** A route that a subnet asks its hosts to install. */
export interface HostRoute {
  readonly destination: string;
  readonly nexthop: string;
}

/** The VIP and the subnet that it lives in. */
export interface Vip {
  readonly ip_address: string;
  readonly port_id: string;
  readonly subnet_cidr: string;
  readonly gateway_ip: string;
  readonly host_routes: readonly HostRoute[];
}
