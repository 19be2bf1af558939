import { type LoadBalancer, parseLoadBalancer } from '../../src/domain/load-balancer.ts';
import { ADDRESSES } from './addresses.ts';

/** What a lab serves when nothing else is asked for: one HTTP listener on 8080, two members. */
export function defaultLoadBalancer(): LoadBalancer {
  return parseLoadBalancer({
    name: 'lb1',
    vip_address: ADDRESSES.vip,
    listeners: [
      {
        name: 'listener1',
        protocol: 'HTTP',
        protocol_port: 8080,
        default_pool: {
          name: 'pool1',
          protocol: 'HTTP',
          members: ADDRESSES.members.map((address) => ({ address, protocol_port: ADDRESSES.memberPort })),
        },
      },
    ],
  });
}
