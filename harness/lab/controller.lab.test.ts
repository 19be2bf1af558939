import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { PATHS } from '../../src/templates/paths.ts';
import type { RequestObservation } from '../observations/observation.ts';
import { ADDRESSES } from './addresses.ts';
import { AmphoraLab } from './amphora-lab.ts';
import { findEngine } from './engine/engine.ts';
import { requireImages } from './images/images.ts';
import type { LabAmphora } from './lab.ts';
import { defaultLoadBalancer } from './load-balancer.ts';
import { untilServed } from './service.ts';

const LIMIT_MS = 60_000;
/** A client that is refused by the security group hears nothing. */
const SILENCE_MS = 1000;
const OLD_PORT = 8080;
const NEW_PORT = 8081;

const engine = await findEngine();
const images = await requireImages(engine);

async function labUp(): Promise<AmphoraLab> {
  const loadBalancer = defaultLoadBalancer();
  const lab = await AmphoraLab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
  const forward = await lab.forwardVip(OLD_PORT);
  await untilServed(`http://127.0.0.1:${forward.port}`, LIMIT_MS);
  return lab;
}

/** Clients of the listener that is not touched, from now on. */
function load(lab: AmphoraLab, timeoutMs: number) {
  const requests: RequestObservation[] = [];
  const stream = lab.fabric.probe({
    host: lab.vip,
    port: OLD_PORT,
    intervalMs: 20,
    timeoutMs,
  });
  const lines = createInterface({ input: stream });
  lines.on('line', (line) => requests.push(JSON.parse(line)));
  const answered = async (count: number): Promise<void> => {
    const enough = () => requests.filter(({ outcome }) => outcome === 'answered').length >= count;
    const limit = AbortSignal.timeout(LIMIT_MS);
    while (!enough()) {
      limit.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      stream.once('data', () => setImmediate(resolve));
      await promise;
    }
  };
  return {
    requests,
    /** Resolves after this many more have been answered. */
    goesOn: (more: number) =>
      answered(requests.filter(({ outcome }) => outcome === 'answered').length + more),
    stop: () => {
      // What is half a line then is no request's end.
      lines.removeAllListeners('line');
      stream.destroy();
    },
    /** The longest time between the sending of two answered requests with none answered between them, ms. */
    outageMs: () => {
      const sent = requests
        .filter(({ outcome }) => outcome === 'answered')
        .map(({ atNs }) => BigInt(atNs))
        .sort((one, other) => (one < other ? -1 : 1));
      return sent.reduce((longest, at, n) => {
        const gapMs = Number(at - (sent[n - 1] ?? at)) / 1e6;
        return Math.max(longest, gapMs);
      }, 0);
    },
  };
}

/** Runs a command in an amphora. */
async function inside(lab: AmphoraLab, { instance }: LabAmphora, ...argv: string[]): Promise<string> {
  const [result] = await lab.fabric.run({
    argv: ['nsenter', '--target', String(instance.pid), '--mount', '--net', '--pid', ...argv],
  });
  return result?.stdout.trim() ?? '';
}

const configurationOf = (lab: AmphoraLab, amphora: LabAmphora) =>
  inside(lab, amphora, 'cat', PATHS.haproxy(lab.deployment.loadBalancer.id).configuration);

/** The status of an answer, or undefined where nobody answers. */
async function ask(lab: AmphoraLab, port: number, path = '/'): Promise<number | undefined> {
  await using forward = await lab.forwardVip(port);
  try {
    const answer = await fetch(`http://127.0.0.1:${forward.port}${path}`, {
      signal: AbortSignal.timeout(SILENCE_MS),
    });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return undefined;
  }
}

/** A change has been applied when new connections see it. */
async function answers(lab: AmphoraLab, port: number, status: number, path = '/'): Promise<void> {
  await using forward = await lab.forwardVip(port);
  await untilServed(`http://127.0.0.1:${forward.port}${path}`, LIMIT_MS, { status });
}

test.serial(
  'objects come, change and go in a live lab, and clients of another listener notice nothing',
  async (t) => {
    t.timeout(9 * LIMIT_MS);
    await using lab = await labUp();
    const { controller } = lab;
    const { id } = lab.deployment.loadBalancer;
    const pids = () =>
      Promise.all(
        lab.amphorae.map((amphora) =>
          inside(lab, amphora, 'systemctl', 'show', '--property=MainPID', `haproxy-${id}.service`),
        ),
      );
    const before = await pids();
    const clients = load(lab, 3000);
    await clients.goesOn(20);

    const changed = async (what: string, change: () => Promise<unknown>): Promise<string> => {
      await change();
      const [one, other] = await Promise.all(lab.amphorae.map((amphora) => configurationOf(lab, amphora)));
      t.is(one, other, `both amphorae are in step when ${what}`);
      t.is(lab.deployment.provisioning_status, 'ACTIVE', what);
      return one ?? '';
    };
    const made = (kind: 'listeners' | 'pools', name: string) =>
      lab.deployment.loadBalancer[kind].find((object) => object.name === name)?.id ?? '';

    t.is(await ask(lab, NEW_PORT), undefined);
    const text = await changed('a listener is created with its pool', () =>
      controller.create('listener', id, {
        name: 'second',
        protocol: 'HTTP',
        protocol_port: NEW_PORT,
        default_pool: {
          name: 'second',
          protocol: 'HTTP',
          lb_algorithm: 'ROUND_ROBIN',
          members: [{ address: ADDRESSES.members[0], protocol_port: ADDRESSES.memberPort }],
        },
      }),
    );
    t.true(text.includes(`bind ${ADDRESSES.vip}:${NEW_PORT}\n`));
    const listener = made('listeners', 'second');
    const pool = made('pools', 'second');
    await answers(lab, NEW_PORT, 200);

    await changed('a listener is updated', () => controller.update(listener, { connection_limit: 50 }));
    await changed('a pool is updated', () => controller.update(pool, { lb_algorithm: 'LEAST_CONNECTIONS' }));
    await changed('a member is created', () =>
      controller.create('member', pool, {
        name: 'late',
        address: ADDRESSES.members[1],
        protocol_port: ADDRESSES.memberPort,
      }),
    );
    const members = () => lab.deployment.loadBalancer.pools.find((known) => known.id === pool)?.members ?? [];
    const late = members().find((member) => member.name === 'late')?.id ?? '';
    await changed('a member is updated', () => controller.update(late, { weight: 9 }));
    await changed('a health monitor is created', () =>
      controller.create('healthmonitor', pool, { type: 'HTTP', delay: 1, timeout: 1, max_retries: 1 }),
    );
    const monitor = lab.deployment.loadBalancer.pools.find((known) => known.id === pool)?.healthmonitor?.id;
    await changed('a health monitor is updated', () => controller.update(monitor ?? '', { delay: 2 }));
    await changed('a policy is created', () =>
      controller.create('l7policy', listener, {
        action: 'REJECT',
        rules: [{ type: 'PATH', compare_type: 'STARTS_WITH', value: '/private' }],
      }),
    );
    await answers(lab, NEW_PORT, 403, '/private');
    await answers(lab, NEW_PORT, 200, '/');
    const policy = lab.deployment.loadBalancer.listeners.find((known) => known.id === listener)
      ?.l7policies[0];
    await changed('a rule is updated', () =>
      controller.update(policy?.rules[0]?.id ?? '', { value: '/secret' }),
    );
    await answers(lab, NEW_PORT, 200, '/private');
    await answers(lab, NEW_PORT, 403, '/secret');
    await changed('a rule is created', () =>
      controller.create('l7rule', policy?.id ?? '', {
        type: 'HOST_NAME',
        compare_type: 'EQUAL_TO',
        value: 'nobody.example',
      }),
    );
    await answers(lab, NEW_PORT, 200, '/secret');
    await changed('a policy is deleted', () => controller.delete(policy?.id ?? ''));
    await changed('a health monitor is deleted', () => controller.delete(monitor ?? ''));
    await changed('members are replaced', () =>
      controller.replaceMembers(pool, [
        { address: ADDRESSES.members[1], protocol_port: ADDRESSES.memberPort, weight: 2 },
      ]),
    );
    t.is(members().length, 1);
    await changed('a pool is deleted', () => controller.delete(pool));
    await answers(lab, NEW_PORT, 503);
    const last = await changed('a listener is deleted', () => controller.delete(listener));
    t.false(last.includes(`:${NEW_PORT}\n`));
    t.is(await ask(lab, NEW_PORT), undefined);

    await clients.goesOn(50);
    clients.stop();
    const failed = clients.requests.filter(({ outcome }) => outcome === 'failed');
    t.deepEqual(failed, [], `of ${clients.requests.length} requests`);
    t.deepEqual(await pids(), before, 'HAProxy was reloaded, never restarted');
    t.log(`${clients.requests.length} requests during 15 changes, none failed`);
  },
);

test.serial('the security group decides who reaches a listener', async (t) => {
  t.timeout(9 * LIMIT_MS);
  await using lab = await labUp();
  const { controller } = lab;
  const { id } = lab.deployment.loadBalancer;
  await controller.create('listener', id, { name: 'second', protocol: 'HTTP', protocol_port: NEW_PORT });
  const listener = lab.deployment.loadBalancer.listeners.find(({ name }) => name === 'second')?.id ?? '';
  await answers(lab, NEW_PORT, 503);
  const rules = async () =>
    (
      await lab.fabric.run({
        argv: ['ip', 'netns', 'exec', 'switch', 'nft', 'list', 'table', 'bridge', 'lab'],
      })
    )[0]?.stdout ?? '';
  t.true((await rules()).includes(`tcp dport ${NEW_PORT} accept`));

  await lab.allow([]);
  t.is(await ask(lab, NEW_PORT), undefined, 'HAProxy listens, and nobody gets in');
  await controller.update(listener, { connection_limit: 5 });
  await answers(lab, NEW_PORT, 503);
  await controller.update(listener, { allowed_cidrs: ['192.0.2.0/24'] });
  t.is(await ask(lab, NEW_PORT), undefined, 'open for others only');
  await controller.delete(listener);
  t.is(await ask(lab, NEW_PORT), undefined);
  t.false((await rules()).includes(`dport ${NEW_PORT} `));
  await answers(lab, OLD_PORT, 200);
});

/** Each amphora knows the other, in both of its configurations, and has a connection to its peer. */
async function peersAreInStep(t: ExecutionContext, lab: AmphoraLab): Promise<void> {
  const { amphorae } = lab;
  t.is(amphorae.length, 2);
  t.is(lab.deployment.provisioning_status, 'ACTIVE');
  t.deepEqual(
    amphorae.map(({ role }) => role),
    ['MASTER', 'BACKUP'],
  );
  const [one, other] = await Promise.all(amphorae.map((amphora) => configurationOf(lab, amphora)));
  t.is(one, other);
  for (const amphora of amphorae) {
    const peer = amphorae.find(({ id }) => id !== amphora.id)?.vrrp_ip ?? '';
    t.true(one?.includes(` ${amphora.vrrp_ip}:1025\n`));
    const vrrp = await inside(lab, amphora, 'cat', PATHS.vrrp.configuration);
    t.regex(vrrp, new RegExp(`unicast_peer \\{\\s+${peer.replaceAll('.', '\\.')}\\s+\\}`));
  }
}

test.serial(
  'a master that is failed over under load is replaced, and both peers know each other',
  async (t) => {
    t.timeout(9 * LIMIT_MS);
    await using lab = await labUp();
    const clients = load(lab, 500);
    await clients.goesOn(20);
    const [master, backup] = lab.amphorae;
    await lab.controller.failoverAmphora(master?.id ?? '');
    await clients.goesOn(50);
    clients.stop();
    await peersAreInStep(t, lab);
    t.is(lab.amphorae[1]?.id, backup?.id, 'the survivor stays');
    t.not(lab.amphorae[0]?.id, master?.id);
    t.is(lab.instances, 2);
    t.log(`clients were without service for ${clients.outageMs().toFixed(0)} ms`);
  },
);

test.serial(
  'a load balancer that is failed over under load has two new amphorae, and both know each other',
  async (t) => {
    t.timeout(9 * LIMIT_MS);
    await using lab = await labUp();
    const clients = load(lab, 500);
    await clients.goesOn(20);
    const before = lab.amphorae.map(({ id }) => id);
    await lab.controller.failoverLoadBalancer(lab.deployment.loadBalancer.id);
    await clients.goesOn(50);
    clients.stop();
    await peersAreInStep(t, lab);
    t.false(lab.amphorae.some(({ id }) => before.includes(id)));
    t.is(lab.instances, 2);
    t.log(`clients were without service for ${clients.outageMs().toFixed(0)} ms`);
  },
);
