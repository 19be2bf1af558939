import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { freePort } from '../../../src/agent/free-port.fixture.ts';
import { hardFileLimitIn } from '../../../src/domain/file-limit.ts';
import { encodeHeartbeat } from '../../../src/health/encode-heartbeat.ts';
import { PATHS } from '../../../src/templates/paths.ts';
import { BareAmphora } from '../../lab/bare-amphora.fixture.ts';
import { findEngine } from '../../lab/engine/engine.ts';
import { requireImages } from '../../lab/images/images.ts';
import { controller } from './controller.ts';

const LIMIT_MS = 60_000;
const MAC = 'fa:16:3e:00:00:21';
const KEY = 'insecure';
/** HAProxy takes two files and a half for a connection. */
const FILES_PER_CONNECTION = 2.5;

/** The controller, for this amphora alone, until the test ends. */
async function serve(t: ExecutionContext, amphora: BareAmphora, health?: { readonly bind_port: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-controller-'));
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const { ca, cert, key } = amphora.identity.credentials;
  const machines = await file(
    'machines.json',
    JSON.stringify({
      tls: { ca: await file('ca', ca), cert: await file('cert', cert), key: await file('key', key) },
      subnet: { cidr: '172.16.1.0/24', gateway_ip: '172.16.1.1' },
      machines: [
        {
          ...{ amphora_id: amphora.id, agent_url: amphora.instance.agentUrl, lb_network_ip: '127.0.0.1' },
          ...{ mac_address: MAC, vrrp_ip: '172.16.1.3' },
        },
      ],
      ...(health && { health_manager: { ...health, bind_ip: '127.0.0.1', heartbeat_key: KEY } }),
    }),
  );
  const port = await freePort();
  const end = new AbortController();
  const running = controller(
    {
      ...{ machines, store: join(folder, 'store'), listen: '127.0.0.1', port },
      ...{ certificates: folder, profile: 'current' },
    },
    end.signal,
  );
  running.catch(() => {});
  t.teardown(async () => {
    end.abort();
    await running;
    await rm(folder, { recursive: true });
  });
  const limit = AbortSignal.timeout(LIMIT_MS);
  while (!(await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))) {
    limit.throwIfAborted();
    await delay(20);
  }
  const call = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const answer = await fetch(`http://127.0.0.1:${port}/v2/lbaas/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return (await answer.json()) as { readonly loadbalancer: Readonly<Record<string, string>> };
  };
  /** Resolves when the load balancer's status is one of these; the statuses come by no event. */
  const until = async (id: string, field: string, wanted: readonly string[]): Promise<string> => {
    const patience = AbortSignal.timeout(LIMIT_MS);
    for (;;) {
      const found = (await call('GET', `loadbalancers/${id}`)).loadbalancer[field] ?? '';
      if (wanted.includes(found)) return found;
      patience.throwIfAborted();
      await delay(50);
    }
  };
  return { call, until };
}

test.serial(
  'outside a lab, the first listener is served within what the amphora can hold, and heartbeats tell how it fares',
  async (t) => {
    t.timeout(3 * LIMIT_MS);
    const engine = await findEngine();
    await using amphora = await BareAmphora.boot(engine, await requireImages(engine));
    await amphora.plug(MAC);
    const heartbeats = await freePort();
    const { call, until } = await serve(t, amphora, { bind_port: heartbeats });
    const { loadbalancer } = await call('POST', 'loadbalancers', {
      loadbalancer: {
        topology: 'SINGLE',
        name: 'lb1',
        vip_address: '172.16.1.10',
        listeners: [{ name: 'web', protocol: 'HTTP', protocol_port: 80 }],
      },
    });
    const { id = '' } = loadbalancer;
    t.is(await until(id, 'provisioning_status', ['ACTIVE', 'ERROR']), 'ACTIVE');
    const text = await amphora.run('cat', PATHS.haproxy(id).configuration);
    const promised = Number(/^\s+maxconn (\d+)/m.exec(text)?.[1]);
    const limit = hardFileLimitIn(await amphora.run('cat', '/proc/1/limits')) ?? 0;
    t.true(promised * FILES_PER_CONNECTION < limit, `${promised} connections, ${limit} files`);
    t.is((await amphora.run('systemctl', 'is-active', `haproxy-${id}.service`)).trim(), 'active');

    t.is((await call('GET', `loadbalancers/${id}`)).loadbalancer.operating_status, 'OFFLINE');
    const listener = /^frontend (\S+)/m.exec(text)?.[1] ?? '';
    const stats = { tx: 0, rx: 0, conns: 0, totconns: 0, ereq: 0 };
    const message = {
      id: amphora.id,
      seq: 0,
      ver: 3,
      pools: {},
      listeners: { [listener]: { status: 'OPEN', stats } },
    };
    const sender = createSocket('udp4');
    // The amphora is watched from the manager's next check on.
    const heart = setInterval(() => sender.send(encodeHeartbeat(message, KEY), heartbeats, '127.0.0.1'), 50);
    t.teardown(() => {
      clearInterval(heart);
      sender.close();
    });
    t.is(await until(id, 'operating_status', ['ONLINE']), 'ONLINE');
  },
);

test.serial('a failure of a flow is one line on standard error, with task, amphora and cause', async (t) => {
  t.timeout(3 * LIMIT_MS);
  const engine = await findEngine();
  // Nobody plugs its interface: its agent finds none with the VIP's MAC.
  await using amphora = await BareAmphora.boot(engine, await requireImages(engine));
  const said: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = ((text: string) => said.push(text) > 0) as typeof process.stderr.write;
  t.teardown(() => {
    process.stderr.write = write;
  });
  const { call, until } = await serve(t, amphora);
  const { loadbalancer } = await call('POST', 'loadbalancers', {
    loadbalancer: {
      topology: 'SINGLE',
      name: 'lb1',
      vip_address: '172.16.1.10',
      listeners: [{ protocol: 'HTTP', protocol_port: 80 }],
    },
  });
  const { id = '' } = loadbalancer;
  t.is(await until(id, 'provisioning_status', ['ACTIVE', 'ERROR']), 'ERROR');
  t.deepEqual(
    said.filter((line) => line.startsWith('load balancer')),
    [
      `load balancer ${id}: create load balancer: AmphoraPostVIPPlug failed: POST /1.0/plug/vip/172.16.1.10 at amphora ${amphora.id} was answered with 404: {"details":"No suitable network interface found"}\n`,
    ],
  );
});
