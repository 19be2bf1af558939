import test from 'ava';
import { InvalidLoadBalancer } from './invalid.ts';
import { parseLoadBalancer } from './parse.ts';

const message = (json: unknown) => {
  try {
    parseLoadBalancer(json);
  } catch (error) {
    return error instanceof InvalidLoadBalancer ? error.message : `not InvalidLoadBalancer: ${error}`;
  }
  return undefined;
};

test('a misspelt field is named with its place and its nearest match', (t) => {
  t.is(
    message({ listeners: [{ protocol: 'HTTP', protocl_port: 80 }] }),
    'listeners[0].protocl_port: there is no such field; the nearest is "protocol_port"',
  );
});

test('an unknown value is answered with what is allowed', (t) => {
  t.regex(String(message({ topology: 'ACTIVE_STANBY' })), /^topology: must be one of ACTIVE_STANDBY, SINGLE/);
});

test('a pool may be nested, or referred to by name before it stands there', (t) => {
  const { listeners, pools } = parseLoadBalancer({
    listeners: [
      { protocol: 'TCP', protocol_port: 1, default_pool: { protocol: 'TCP' } },
      { protocol: 'TCP', protocol_port: 2, default_pool: { name: 'late' } },
    ],
    pools: [{ name: 'late', protocol: 'TCP' }],
  });
  t.deepEqual(
    listeners.map((listener) => pools.find((pool) => pool.id === listener.default_pool_id)?.name),
    [undefined, 'late'],
  );
  t.is(pools.length, 2);
});

test('equal files give equal ids', (t) => {
  const json = { listeners: [{ protocol: 'HTTP', protocol_port: 80 }] };
  t.deepEqual(parseLoadBalancer(json), parseLoadBalancer({ loadbalancer: json }));
});

test('what would break out of a configuration line is refused', (t) => {
  const policy = { action: 'REDIRECT_TO_URL', redirect_url: 'http://a/\n    daemon' };
  const found = message({ listeners: [{ protocol: 'HTTP', protocol_port: 80, l7policies: [policy] }] });
  t.regex(String(found), /^listeners\[0\]\.l7policies\[0\]\.redirect_url: must be one word/);
});

test('two listeners on one port are refused', (t) => {
  const listener = { protocol: 'HTTP', protocol_port: 80 };
  t.is(
    message({ listeners: [listener, listener] }),
    'listeners[1].protocol_port: 80 is taken by another listener',
  );
});
