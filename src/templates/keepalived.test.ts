import test from 'ava';
import type { Amphora } from '../domain/amphora.ts';
import { DEFAULT_SETTINGS } from '../domain/settings.ts';
import { renderKeepalived } from './keepalived.ts';

const amphora = (role: 'MASTER' | 'BACKUP', vrrp_ip: string, vrrp_priority: number): Amphora => ({
  id: vrrp_ip,
  role,
  compute_id: '',
  lb_network_ip: '',
  agent_url: '',
  vrrp_ip,
  ha_ip: '172.16.1.10',
  vrrp_port_id: '',
  vrrp_priority,
  vrrp_interface: 'eth1',
});
const master = amphora('MASTER', '172.16.1.3', 100);
const backup = amphora('BACKUP', '172.16.1.7', 90);
const input = {
  amphora: backup,
  amphorae: [master, backup],
  vip: {
    ip_address: '172.16.1.10',
    port_id: '',
    subnet_cidr: '172.16.1.0/24',
    gateway_ip: '172.16.1.1',
    host_routes: [{ destination: '10.0.0.0/8', nexthop: '172.16.1.9' }],
  },
  group: { vrrp_group_name: 'lb', vrrp_auth_pass: 'TEST123', advert_int: 2 },
  settings: DEFAULT_SETTINGS,
};

test('an amphora talks to its peers alone, with its own priority', (t) => {
  const text = renderKeepalived(input);
  t.regex(text, /unicast_src_ip 172\.16\.1\.7\n\s+unicast_peer \{\n\s+172\.16\.1\.3\n\s+\}/);
  t.regex(text, /priority 90\n/);
  t.regex(text, /advert_int 2\n/);
});

test('replies leave by table 1, which only packets from the VIP consult', (t) => {
  const text = renderKeepalived(input);
  t.true(text.includes('        from 172.16.1.10/32 table 1 priority 100\n'));
  t.true(text.includes('        10.0.0.0/8 via 172.16.1.9 dev eth1 onlink table 1\n'));
});

test('version 3 is said, and has no authentication', (t) => {
  const keepalived_vrrp = { ...DEFAULT_SETTINGS.keepalived_vrrp, vrrp_version: 3 } as const;
  const text = renderKeepalived({
    ...input,
    group: { ...input.group, advert_int: 0.1 },
    settings: { ...DEFAULT_SETTINGS, keepalived_vrrp },
  });
  t.true(text.includes('    interface eth1\n    version 3\n'));
  t.true(text.includes('    advert_int 0.1\n'));
  t.false(text.includes('auth'));
  t.false(renderKeepalived(input).includes('version'));
});

test('only the rocky profile writes the initial state', (t) => {
  t.false(renderKeepalived(input).includes('state '));
  const rocky = renderKeepalived({ ...input, settings: { ...DEFAULT_SETTINGS, profile: 'rocky' } });
  t.true(rocky.includes('\n  state BACKUP\n  interface eth1\n'));
  t.false(rocky.includes('virtual_routes'));
});
