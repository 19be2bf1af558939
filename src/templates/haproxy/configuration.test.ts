import test from 'ava';
import { parseLoadBalancer } from '../../domain/api/parse.ts';
import { DEFAULT_SETTINGS, type Profile } from '../../domain/settings.ts';
import { peersPorts, renderHaproxy } from './configuration.ts';

const MEMBER = { address: '10.0.0.1', protocol_port: 80 };

function rendered(listener: object, pool: object, more: object = {}): string {
  const loadBalancer = parseLoadBalancer({
    ...more,
    pools: [{ name: 'p', protocol: 'HTTP', members: [MEMBER], ...pool }],
    listeners: [{ protocol: 'HTTP', protocol_port: 80, default_pool: { name: 'p' }, ...listener }],
  });
  const { listeners, id } = loadBalancer;
  return renderHaproxy({
    loadBalancer,
    listeners,
    id,
    vipAddress: '172.16.1.10',
    amphorae: [],
    settings: DEFAULT_SETTINGS,
    certificatePath: (reference) => `/certs/${reference}`,
  });
}

test('a pair shares its stick tables with its peers, a single amphora does not', (t) => {
  const persistence = { session_persistence: { type: 'SOURCE_IP' } };
  t.regex(rendered({}, persistence), /stick-table type ipv6 size 10k peers [0-9a-f]{32}_peers\n/);
  const single = rendered({}, persistence, { topology: 'SINGLE' });
  t.regex(single, /stick-table type ipv6 size 10k\n/);
  t.false(single.includes('peers'));
});

test('a range of expected codes becomes alternatives', (t) => {
  const healthmonitor = { type: 'HTTP', delay: 5, timeout: 3, max_retries: 2, expected_codes: '200-202' };
  const text = rendered({}, { healthmonitor });
  t.true(text.includes('    http-check expect rstatus 200|201|202\n'));
  t.true(text.includes('check inter 5s fall 3 rise 2'));
});

test('policies are tried in the order of their positions', (t) => {
  const policy = (position: number, action: string) => ({
    position,
    action,
    redirect_url: 'http://example.org/',
    rules: [{ type: 'PATH', compare_type: 'STARTS_WITH', value: '/admin', invert: position === 1 }],
  });
  const text = rendered({ l7policies: [policy(2, 'REJECT'), policy(1, 'REDIRECT_TO_URL')] }, {});
  t.true(text.indexOf('redirect code 302 location') < text.indexOf('http-request deny'));
  t.regex(text, /redirect code 302 location http:\/\/example.org\/ if ![0-9a-f-]{36}\n/);
});

test('a listener that terminates TLS redirects plain requests and lists its certificates', (t) => {
  const text = rendered(
    {
      protocol: 'TERMINATED_HTTPS',
      default_tls_container_ref: 'file:a.pem',
    },
    {},
  );
  t.true(text.includes('redirect scheme https if !{ ssl_fc }'));
  t.regex(
    text,
    /bind 172\.16\.1\.10:80 ssl crt-list \/var\/lib\/octavia\/certs\/\S+\.pem ciphers TLS_AES_128_\S+ no-sslv3 no-tlsv10 no-tlsv11 alpn h2,http\/1\.1,http\/1\.0\n/,
  );
});

test('what is disabled is not served', (t) => {
  t.false(rendered({ admin_state_up: false }, {}).includes('frontend'));
  t.false(rendered({}, { admin_state_up: false }).includes('backend'));
});

test('where each listener has its own HAProxy, each has a port of its own for its peers', (t) => {
  const listener = (protocol: string, protocol_port: number) => ({ protocol, protocol_port });
  const loadBalancer = parseLoadBalancer({
    listeners: [listener('HTTP', 80), listener('UDP', 53), listener('TCP', 81)],
  });
  t.deepEqual(peersPorts(loadBalancer, true), [1025, 1026]);
  t.deepEqual(peersPorts(loadBalancer, false), [1025]);
});

test('a pool of two listeners has one backend where backends are named after their pool alone', (t) => {
  const loadBalancer = parseLoadBalancer({
    pools: [{ name: 'p', protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', members: [MEMBER] }],
    listeners: [80, 81].map((protocol_port) => ({
      ...{ protocol: 'HTTP', protocol_port, default_pool: { name: 'p' } },
    })),
  });
  const backends = (profile: Profile) => {
    const { listeners, id } = loadBalancer;
    const settings = { ...DEFAULT_SETTINGS, profile };
    const text = renderHaproxy({
      loadBalancer,
      listeners,
      id,
      vipAddress: '10.0.0.9',
      amphorae: [],
      settings,
    });
    return [...text.matchAll(/^(?:backend| +default_backend) (.*)$/gm)].map(([, name]) => name);
  };
  const [pool] = loadBalancer.pools;
  t.deepEqual(backends('rocky'), [pool?.id, pool?.id, pool?.id], 'two listeners, one backend');
  t.is(new Set(backends('current')).size, 2);
});

test('what the process may have is capped to the machine, and each listener keeps its own limit', (t) => {
  const loadBalancer = parseLoadBalancer({
    listeners: [80, 81].map((protocol_port) => ({ protocol: 'HTTP', protocol_port, connection_limit: 5000 })),
  });
  const { listeners, id } = loadBalancer;
  const settings = { ...DEFAULT_SETTINGS, haproxy_maxconn: 7000 };
  const text = renderHaproxy({ loadBalancer, listeners, id, vipAddress: '10.0.0.9', amphorae: [], settings });
  t.deepEqual(
    [...text.matchAll(/^ +maxconn (\d+)$/gm)].map(([, limit]) => limit),
    ['7000', '5000', '5000'],
  );
});
