import test from 'ava';
import { parseLoadBalancer } from '../../src/domain/api/parse.ts';
import { InvalidLoadBalancer } from '../../src/domain/schema/invalid.ts';
import { backEndsFor } from './backends.ts';

const member = { address: '10.0.0.1', protocol_port: 80 };
const pool = (name: string, more: object = {}) => ({
  ...{ name, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', members: [member] },
  ...more,
});
const portsOf = (...pools: object[]) => backEndsFor(parseLoadBalancer({ pools }).pools);
const plain = { proxied: false, tls: false };

test('a back end listens where its health is asked for', (t) => {
  t.deepEqual(portsOf(pool('a', { members: [{ ...member, monitor_port: 8080 }] })), [
    {
      ...{ name: 'backend-1', address: '10.0.0.1' },
      ports: [
        { port: 80, ...plain },
        { port: 8080, ...plain },
      ],
    },
  ]);
  const elsewhere = portsOf(pool('a', { members: [{ ...member, monitor_address: '10.0.0.2' }] }));
  t.deepEqual(
    elsewhere.map(({ address }) => address),
    ['10.0.0.1', '10.0.0.2'],
  );
});

test('a back end speaks at a port as its pool wants it to', (t) => {
  const [backEnd] = portsOf(
    pool('a', { protocol: 'PROXY' }),
    pool('b', { protocol: 'PROXYV2' }),
    pool('c', { tls_enabled: true, members: [{ ...member, protocol_port: 443 }] }),
  );
  t.deepEqual(backEnd?.ports, [
    { port: 80, proxied: true, tls: false },
    { port: 443, proxied: false, tls: true },
  ]);
});

test('a port that would have to speak in two ways is refused', (t) => {
  t.throws(() => portsOf(pool('a'), pool('b', { protocol: 'PROXY' })), {
    instanceOf: InvalidLoadBalancer,
    message: /^members: .*the PROXY protocol.* 10\.0\.0\.1:80, another does not$/,
  });
});
