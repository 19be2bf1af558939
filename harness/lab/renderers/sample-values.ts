import { type Amphora, VRRP_PRIORITY } from '../../../src/domain/amphora.ts';
import { parseLoadBalancer } from '../../../src/domain/api/parse.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { processesOf } from '../../../src/driver/haproxy-process.ts';
import type { TextName } from '../../system/system.ts';
import { VALUES, type Values } from './text-values.ts';

const SUBNET = { subnet_cidr: '172.16.1.0/24', gateway_ip: '172.16.1.1', host_routes: [] };
const VIP = { ip_address: '172.16.1.10', ...SUBNET };
const FURTHER = { ip_address: '172.16.1.11', ...SUBNET };

/** The values of a lab, with an entry in each list. */
export function sampleValues(name: TextName): Values {
  const amphorae = [amphoraOf(1, 'MASTER', '172.16.1.3'), amphoraOf(2, 'BACKUP', '172.16.1.7')] as const;
  const [amphora] = amphorae;
  const nameOf = (one: Amphora) => `amphora-${one.role === 'MASTER' ? 1 : 2}`;
  const loadBalancer = parseLoadBalancer({
    name: 'lb1',
    vip_address: VIP.ip_address,
    additional_vips: [{ ip_address: FURTHER.ip_address }],
    listeners: [
      {
        name: 'listener1',
        protocol: 'HTTP',
        protocol_port: 8080,
        default_pool: {
          name: 'pool1',
          protocol: 'HTTP',
          members: [{ name: 'member1', address: '172.16.2.11', protocol_port: 80 }],
        },
      },
    ],
  });
  const [process = { id: loadBalancer.id, listeners: [], peersPort: 0 }] = processesOf(loadBalancer, '1.0');
  const pair = { amphora, amphorae, settings: DEFAULT_SETTINGS };
  if (name === 'haproxy.cfg')
    return VALUES[name]({ ...pair, process, loadBalancer, vipAddress: VIP.ip_address }, nameOf);
  const group = { vrrp_group_name: 'group', vrrp_auth_pass: 'secret', advert_int: 1 };
  return VALUES[name]({ ...pair, vip: VIP, additionalVips: [FURTHER], group }, nameOf);
}

function amphoraOf(n: number, role: 'MASTER' | 'BACKUP', vrrp_ip: string): Amphora {
  return {
    ...{ id: `${n}`, role, vrrp_ip, vrrp_priority: VRRP_PRIORITY[role], vrrp_interface: 'eth1' },
    ...{ compute_id: '', lb_network_ip: '', agent_url: '', ha_ip: VIP.ip_address, vrrp_port_id: '' },
  };
}
