import { randomUUID } from 'node:crypto';
import test from 'ava';
import { ask, BareAmphora } from './bare-amphora.fixture.ts';
import { findEngine } from './engine/engine.ts';
import { requireImages } from './images/images.ts';

const LIMIT_MS = 120_000;

/** A UDP listener whose only member is nobody. */
const configuration = (listener: string) => `# Configuration for Loadbalancer ${randomUUID()}
# Configuration for Listener ${listener}

net_namespace amphora-haproxy

virtual_server_group ipv4-group {
    172.16.1.10 53
}

virtual_server group ipv4-group {
    lb_algo wrr
    lb_kind NAT
    protocol UDP

    # Configuration for Pool ${randomUUID()}
    # Configuration for Member ${randomUUID()}
    real_server 172.16.1.101 53 {
        weight 1
    }
}
`;

test('UDP listeners: each row of the table is answered as the real agent does, and refused where the kernel has no IPVS', async (t) => {
  t.timeout(LIMIT_MS);
  const engine = await findEngine();
  await using amphora = await BareAmphora.boot(engine, await requireImages(engine));
  const client = amphora.connect();
  t.teardown(() => client.destroy());
  const id = randomUUID();
  const text = configuration(id);
  const upload = () => ask(client, 'PUT', `/1.0/listeners/${amphora.id}/${id}/udp_listener`, text);
  const read = () => ask(client, 'GET', `/1.0/listeners/${id}/udp_listener`);
  const act = (action: string) => ask(client, 'PUT', `/1.0/loadbalancer/${id}/${action}`);
  const remove = () => ask(client, 'DELETE', `/1.0/listeners/${id}`);
  const files = () => amphora.run('find', '/var/lib/octavia', '/usr/lib/systemd', '-name', `*${id}*`);
  const unknown = { message: 'UDP Listener Not Found', details: `No UDP listener with UUID: ${id}` };
  const done = { message: 'OK' };

  t.like(await read(), { status: 404, body: unknown });
  t.like(await remove(), { status: 200, body: done });
  await amphora.plug('fa:16:3e:00:00:31');
  const subnet = { subnet_cidr: '172.16.1.0/24', gateway: '172.16.1.1', vrrp_ip: '172.16.1.3' };
  await ask(client, 'POST', '/1.0/plug/vip/172.16.1.10', { ...subnet, mac_address: 'fa:16:3e:00:00:31' });
  const sent = await upload();
  if ((await amphora.run('sh', '-c', 'ipvsadm -Ln || echo none')).includes('none')) {
    t.is(sent.status, 500);
    t.like(sent.body, { message: `UDP listener ${id} cannot be served` });
    t.regex((sent.body as { details: string }).details, /need IPVS in the amphora's kernel/);
    t.is(await files(), '', 'nothing was built');
    t.log('the kernel has no IPVS');
    return;
  }
  t.like(sent, { status: 200, body: done });
  t.like(await read(), { status: 200, body: text });
  t.like(await act('restart'), {
    status: 400,
    body: { message: 'Invalid Request', details: 'Unknown action: restart' },
  });
  for (const [action, said] of [
    ['START', 'started'],
    ['reload', 'restarted'],
  ] as const) {
    t.like(await act(action), {
      status: 202,
      body: { message: 'OK', details: `keepalivedlvs listener ${id} ${said}` },
    });
  }
  t.deepEqual((await ask(client, 'GET', '/1.0/listeners')).body, [
    { status: 'ACTIVE', uuid: id, type: 'UDP' },
  ]);
  t.like(await act('stop'), {
    status: 202,
    body: { message: 'OK', details: `keepalivedlvs listener ${id} stoped` },
  });
  t.like(await remove(), { status: 200, body: done });
  t.is(await files(), '');
});
