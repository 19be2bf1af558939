import test from 'ava';
import fc from 'fast-check';
import { parseLoadBalancer } from '../../src/domain/api/parse.ts';
import type { LoadBalancer } from '../../src/domain/load-balancer.ts';
import { servedByHaproxy } from '../../src/domain/protocol.ts';
import { isHeaderValue, isUrlPath } from '../../src/domain/schema/http-text.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { renderHaproxy } from '../../src/templates/haproxy/configuration.ts';
import { renderLvs } from '../../src/templates/lvs.ts';
import { PATHS } from '../../src/templates/paths.ts';
import { anyValue, hostileValue } from '../../src/templates/values.fixture.ts';
import type { Fabric } from './fabric/fabric.ts';
import { ask, startFabric } from './real-parsers.fixture.ts';

const SEED = 11;
const POLICIES = 40;
const RULES_EACH = 8;
const VIP = '127.0.0.2';
const PORT = 8080;
const CONFIGURATION = '/run/injection.cfg';

/** What a URI may hold, and much of it with a meaning. */
const uri = fc.string({
  unit: fc.constantFrom(..."az09-._~:/?@!$&'()*+,;=%[]", '%[src]', '$HOME', '%20'),
  minLength: 1,
  maxLength: 30,
});

const some = (values: fc.Arbitrary<string>, count: number) =>
  fc.sample(values, { seed: SEED, numRuns: count });
/** One word, or anything between quotation marks. */
const headerValue = fc
  .oneof(hostileValue, anyValue)
  .chain((text) => fc.constantFrom(text.replace(/\s/g, ''), `"${text.replaceAll('"', '')}"`))
  .filter(isHeaderValue);
const PATTERNS = some(headerValue, POLICIES * RULES_EACH);
const TARGETS = some(uri, POLICIES).map((text) => `http://example.org/${text}`);
const URL_PATHS = some(uri.map((text) => `/${text}`).filter(isUrlPath), POLICIES);

const rule = (type: string, value: string, more: object = {}) => ({
  type,
  compare_type: 'EQUAL_TO',
  value,
  ...more,
});
const pool = (protocol: string, url_path: string, n: number) => ({
  name: `${protocol} ${n}`,
  protocol,
  members: [{ address: '127.0.0.3', protocol_port: 1 }],
  healthmonitor: { type: 'HTTP', delay: 60, timeout: 3, max_retries: 2, url_path },
});

/** Whatever a user may choose freely, in every place where it ends up in a configuration. */
const LOAD_BALANCER: LoadBalancer = parseLoadBalancer({
  vip_address: VIP,
  topology: 'SINGLE',
  pools: ['HTTP', 'UDP'].flatMap((protocol) => URL_PATHS.map((path, n) => pool(protocol, path, n))),
  listeners: [
    {
      protocol: 'HTTP',
      protocol_port: PORT,
      l7policies: [
        ...TARGETS.map((redirect_url, n) => ({
          action: 'REDIRECT_TO_URL',
          redirect_url,
          rules: [rule('PATH', `/redirect/${n}`)],
        })),
        ...Array.from({ length: POLICIES }, (_, n) => ({
          action: 'REJECT',
          rules: PATTERNS.slice(n * RULES_EACH, (n + 1) * RULES_EACH).map((value) =>
            rule('HEADER', value, { key: 'X-Test' }),
          ),
        })),
        ...URL_PATHS.map((_, n) => ({
          action: 'REDIRECT_TO_POOL',
          redirect_pool: { name: `HTTP ${n}` },
          rules: [rule('PATH', `/pool/${n}`)],
        })),
      ],
    },
    ...URL_PATHS.map((_, n) => ({
      protocol: 'UDP',
      protocol_port: 1000 + n,
      default_pool: { name: `UDP ${n}` },
    })),
  ],
});

test.serial(
  'whatever a user chose, HAProxy reads it as the value that it was, and reads nothing else',
  async (t) => {
    t.timeout(60_000);
    await using fabric = await startFabric();
    const { id } = LOAD_BALANCER;
    const configuration = renderHaproxy({
      loadBalancer: LOAD_BALANCER,
      listeners: LOAD_BALANCER.listeners,
      id,
      vipAddress: VIP,
      amphorae: [],
      settings: { ...DEFAULT_SETTINGS, haproxy_maxconn: 100 },
      certificatePath: (reference) => reference,
    });
    await fabric.run(
      { argv: ['ip', 'link', 'set', 'lo', 'up'] },
      { argv: ['mkdir', '-p', PATHS.base] },
      { argv: ['tee', CONFIGURATION], stdin: configuration },
      { argv: ['haproxy', '-D', '-f', CONFIGURATION] },
    );

    const tell = async (commands: readonly string[]) => {
      const [answer] = await fabric.run({
        argv: ['socat', '-t5', '-', `UNIX-CONNECT:${PATHS.haproxy(id).socket}`],
        stdin: `${commands.join(';')}\n`,
      });
      return answer?.stdout ?? '';
    };
    const acls = [...(await tell(['show acl'])).matchAll(/^(\d+) .* file '\/run.*' line (\d+)/gm)].map(
      ([, number, line]) => ({
        number: Number(number),
        line: Number(line),
      }),
    );
    const inOrder = acls.sort((a, b) => a.line - b.line).map(({ number }) => `show acl #${number}`);
    const read = [...(await tell(inOrder)).matchAll(/^0x[0-9a-f]+ (.*)$/gm)].map(([, pattern]) => pattern);
    const meant = LOAD_BALANCER.listeners.flatMap(({ l7policies }) =>
      // Quotation marks round a value are not of it.
      l7policies.flatMap(({ rules }) => rules.map(({ value }) => value.replace(/^"([^"]+)"$/, '$1'))),
    );
    t.is(meant.length, POLICIES * (RULES_EACH + 2));
    t.deepEqual(read, meant);

    const proxies = (await tell(['show stat -1 7 -1'])).split('\n').filter((line) => /^[^#]/.test(line));
    t.is(proxies.length, 1 + 2 * POLICIES, 'a frontend, and a backend with one server for each pool');

    const urls = TARGETS.map((_, n) => `http://${VIP}:${PORT}/redirect/${n}`);
    const [answers] = await fabric.run({ argv: ['curl', '-s', '-o', '/dev/null', '-D', '-', ...urls] });
    const locations = [...(answers?.stdout ?? '').matchAll(/^location: (.*)\r$/gim)].map(
      ([, location]) => location,
    );
    t.deepEqual(locations, TARGETS);
  },
);

test.serial('whatever path a user chose, keepalived finds no other word in it', async (t) => {
  t.timeout(60_000);
  await using fabric = await startFabric();
  const files = LOAD_BALANCER.listeners
    .filter((listener) => !servedByHaproxy(listener))
    .map((listener) => renderLvs({ loadBalancer: LOAD_BALANCER, listener, vipAddress: VIP }));
  t.is(files.length, POLICIES);
  for (const file of files) t.deepEqual(await complaintsOf(fabric, file), [], file);
  const unquoted = files[0]?.replace(/^(\s*path ).*$/m, '$1/a{b') ?? '';
  t.not((await complaintsOf(fabric, unquoted)).length, 0, 'it does complain of a path that is not quoted');
});

/** IPVS is the machine's; all else that keepalived says is our mistake. */
async function complaintsOf(fabric: Fabric, configuration: string): Promise<readonly string[]> {
  const { complaints } = await ask(fabric, ['keepalived', '-t'], CONFIGURATION, configuration);
  return complaints.filter((line) => !/IPVS|ip_vs/i.test(line));
}
