/** What the two amphorae of a load balancer share in VRRP (Octavia's vrrp_group table). */
export interface VrrpGroup {
  readonly vrrp_group_name: string;
  readonly vrrp_auth_pass: string;
  /** Seconds. */
  readonly advert_int: number;
}
