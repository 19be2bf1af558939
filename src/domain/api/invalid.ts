/** The load balancer that was asked for cannot be had; one sentence names the field, what was found and what is allowed. */
export class InvalidLoadBalancer extends Error {
  override readonly name = 'InvalidLoadBalancer';
}
