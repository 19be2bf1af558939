import type { SecurityGroupRule } from '../../src/flows/network.ts';
import { ADDRESSES, ADDRESSES6 } from './addresses.ts';

/**
 * The switch's rule set, in nft's language: what may leave the switch towards an amphora's port.
 *
 * Neutron tracks connections; this switch decides by the packet alone, so that a take-over never meets a
 * conntrack entry of the other amphora: a TCP segment that is no connection request passes, as do ARP and
 * IPv6 neighbour discovery; all else must match a rule. The clients' echo requests measure: they pass, though no
 * rule of Octavia's admits them.
 */
export function securityGroupRuleset(rules: readonly SecurityGroupRule[] | undefined): string {
  // A member's answer goes to the port of the amphora's request, which is in ip_local_port_range.
  const hasDatagrams = rules?.some(({ protocol }) => protocol === 'udp' || protocol === 'sctp') ?? false;
  const accepts = (rules ?? []).flatMap(matches).map((match) => `    ${match}accept`);
  return [
    'table bridge lab',
    'delete table bridge lab',
    'table bridge lab {',
    '  chain vip_security_group {',
    '    ether type arp accept',
    '    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept',
    `    ip saddr { ${ADDRESSES.client}, ${ADDRESSES.secondClient} } icmp type echo-request accept`,
    `    ip6 saddr ${ADDRESSES6.client} icmpv6 type echo-request accept`,
    '    icmp type { echo-reply, destination-unreachable, time-exceeded } accept',
    '    icmpv6 type { echo-reply, destination-unreachable, packet-too-big, time-exceeded } accept',
    '    tcp flags & (syn | ack) != syn accept',
    ...(hasDatagrams ? ['    meta l4proto { udp, sctp } th dport 32768-60999 accept'] : []),
    ...accepts,
    '    drop',
    '  }',
    '  chain forward {',
    '    type filter hook forward priority 0; policy accept;',
    '    oifname "amphora-*" jump vip_security_group',
    '  }',
    '}',
    '',
  ].join('\n');
}

/** A rule of nft's for each source: they may be of both versions of IP, and one may lie in another. */
function matches(rule: SecurityGroupRule): string[] {
  const sources = rule.remote?.map((remote) => `${remote.includes(':') ? 'ip6' : 'ip'} saddr ${remote} `);
  const packet =
    typeof rule.protocol === 'number'
      ? `meta l4proto ${rule.protocol} `
      : `${rule.protocol} dport ${rule.port} `;
  return (sources ?? ['']).map((source) => source + packet);
}
