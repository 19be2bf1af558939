import test from 'ava';
import type { Amphora } from '../domain/amphora.ts';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { lvsStart, lvsUpdate } from './lvs.ts';
import { OWN_RENDERERS } from './renderers.ts';

const AMPHORA: Amphora = {
  ...{ id: 'a1', role: 'MASTER', compute_id: '', lb_network_ip: '', agent_url: '', vrrp_ip: '172.16.1.3' },
  ...{ ha_ip: '172.16.1.10', vrrp_port_id: '', vrrp_priority: 100, vrrp_interface: 'eth1' },
};
const ID = (n: number) => `7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c00${n}`;

function loadBalancer(...protocols: readonly ('UDP' | 'SCTP' | 'HTTP')[]) {
  const listeners = protocols.map((protocol, n) => ({ id: ID(n), protocol, protocol_port: 53 + n }));
  return parseLoadBalancer({ name: 'lb1', vip_address: '172.16.1.10', listeners });
}

test('each UDP and SCTP listener is uploaded and reloaded by itself; one that has gone is deleted first', async (t) => {
  const wanted = { loadBalancer: loadBalancer('UDP', 'SCTP'), vipAddress: '172.16.1.10' };
  const before = loadBalancer('HTTP', 'UDP', 'UDP');
  const calls = await lvsUpdate(OWN_RENDERERS, AMPHORA, wanted, before, '1.0');
  t.deepEqual(
    calls.map(({ method, path }) => `${method} ${path}`),
    [
      `DELETE listeners/${ID(2)}`,
      `PUT listeners/a1/${ID(0)}/udp_listener`,
      `PUT loadbalancer/${ID(0)}/reload`,
      `PUT listeners/a1/${ID(1)}/udp_listener`,
      `PUT loadbalancer/${ID(1)}/reload`,
    ],
  );
  t.regex(calls[1]?.body ?? '', new RegExp(`# Configuration for Listener ${ID(0)}`));
});

test('API 0.5 has its own route for what is done to a listener, and starts go to both versions', (t) => {
  t.deepEqual(lvsStart(loadBalancer('HTTP', 'UDP'), '0.5'), [
    { method: 'PUT', path: `listeners/${ID(1)}/start` },
  ]);
  t.deepEqual(lvsStart(loadBalancer('UDP'), '1.0'), [{ method: 'PUT', path: `loadbalancer/${ID(0)}/start` }]);
});
