import type { Settings } from '../domain/settings.ts';
import type { VrrpGroup } from '../domain/vrrp-group.ts';
import { peerName } from '../templates/peer-name.ts';

/** The VRRP group of a load balancer. */
export function vrrpGroup(loadBalancerId: string, settings: Settings): VrrpGroup {
  return {
    vrrp_group_name: loadBalancerId.replaceAll('-', ''),
    // VRRPv2's simple password has 8 octets (RFC 2338, section 5.3.6); Octavia takes 7 characters.
    vrrp_auth_pass: peerName(loadBalancerId).slice(0, 7),
    advert_int: settings.keepalived_vrrp.vrrp_advert_int,
  };
}
