import test from 'ava';
import { Agent, request } from 'undici';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { findEngine } from '../engine/engine.ts';
import { LABEL } from '../engine/labels.ts';
import { requireImages } from '../images/images.ts';
import { Lab } from './lab.ts';
import { defaultLoadBalancer } from './load-balancer.ts';
import { untilServed } from './service.ts';

const LIMIT_MS = 60_000;

test('a lab serves its load balancer through real amphorae, and leaves nothing behind', async (t) => {
  t.timeout(2 * LIMIT_MS);
  const engine = await findEngine();
  const images = await requireImages(engine);
  const loadBalancer = defaultLoadBalancer();
  let name: string;
  {
    await using lab = await Lab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
    name = lab.name;
    const [master, backup] = lab.amphorae;
    if (!master || !backup) throw new Error('The lab must have two amphorae.');
    const forward = await lab.forwardVip(8080);
    const vip = `http://127.0.0.1:${forward.port}`;
    await untilServed(vip, LIMIT_MS);
    t.is(master.role, 'MASTER');
    const served = await fetch(vip);
    t.is(served.headers.get('x-amphora'), master.vrrp_ip, 'the amphora that starts first serves');
    t.regex(served.headers.get('x-member') ?? '', /^backend-[12]$/);

    const connect = { ...lab.parts.credentials, servername: master.id };
    const agent = new Agent({ connect });
    const ask = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: string) => {
      const answer = await request(`${master.agent_url}${path}`, {
        method,
        dispatcher: agent,
        ...(body && { body }),
      });
      const text = await answer.body.text();
      const json = String(answer.headers['content-type']).includes('json');
      return { status: answer.statusCode, body: json ? (JSON.parse(text) as unknown) : text };
    };

    // The wire, as the real agent answers.
    t.deepEqual(await ask('GET', '/'), { status: 200, body: { api_version: '1.0' } });
    t.deepEqual(await ask('GET', `/1.0/interface/${master.vrrp_ip}`), {
      status: 200,
      body: { message: 'OK', interface: 'eth1' },
    });
    t.deepEqual(await ask('GET', '/1.0/interface/10.9.9.9'), {
      status: 404,
      body: { message: 'Error interface not found for IP address' },
    });
    t.deepEqual(await ask('PUT', '/1.0/vrrp/RESTART'), {
      status: 400,
      body: { message: 'Invalid Request', details: 'Unknown action: restart' },
    });
    t.deepEqual(await ask('PUT', '/1.0/loadbalancer/none/start'), {
      status: 404,
      body: { message: 'Loadbalancer Not Found', details: 'No loadbalancer with UUID: none' },
    });
    t.like(await ask('GET', '/1.0/nowhere'), { status: 404 });
    t.deepEqual(await ask('POST', '/1.0/info'), {
      status: 405,
      body: {
        error: '405 Method Not Allowed: The method is not allowed for the requested URL.',
        http_code: 405,
      },
    });
    const plug = (vipAddress: string, mac: string) =>
      ask(
        'POST',
        `/1.0/plug/vip/${vipAddress}`,
        JSON.stringify({ subnet_cidr: '172.16.1.0/24', gateway: '172.16.1.1', mac_address: mac }),
      );
    t.deepEqual(await plug('172.16.1.10', 'fa:16:3e:00:00:01'), {
      status: 409,
      body: { message: 'Interface already exists' },
    });
    t.deepEqual(await plug('172.16.1.10', 'fa:16:3e:ff:ff:ff'), {
      status: 404,
      body: { details: 'No suitable network interface found' },
    });
    t.deepEqual(await plug('x', 'fa:16:3e:ff:ff:ff'), {
      status: 400,
      body: { message: "Invalid VIP: 'x' does not appear to be an IPv4 or IPv6 address" },
    });
    t.deepEqual(await ask('POST', '/1.0/plug/vip/172.16.1.10', '{'), {
      status: 400,
      body: { error: '400 Bad Request: Invalid subnet information', http_code: 400 },
    });
    const [listener] = loadBalancer.listeners;
    t.deepEqual(await ask('GET', '/1.0/listeners'), {
      status: 200,
      body: [{ status: 'ACTIVE', uuid: listener?.id, type: 'HTTP' }],
    });

    // A configuration that HAProxy rejects leaves the running one alone.
    const before = await ask('GET', `/1.0/loadbalancer/${loadBalancer.id}/haproxy`);
    const path = `/1.0/loadbalancer/${master.id}/${loadBalancer.id}/haproxy`;
    t.like(await ask('PUT', path, 'frontend nonsense\n  bind\n'), {
      status: 400,
      body: { message: 'Invalid request' },
    });
    t.deepEqual(await ask('GET', `/1.0/loadbalancer/${loadBalancer.id}/haproxy`), before);
    t.is((await fetch(vip)).status, 200);

    // Without the controller's certificate the handshake fails.
    const { ca } = lab.parts.credentials;
    const stranger = new Agent({ connect: { ca, servername: master.id } });
    await t.throwsAsync(request(`${master.agent_url}/`, { dispatcher: stranger }));
    await Promise.all([agent.destroy(), stranger.destroy()]);
  }
  const filters = { label: [`${LABEL.lab}=${name}`] };
  t.deepEqual(await engine.docker.listContainers({ all: true, filters }), []);
});
