import test from 'ava';
import { PATHS, PLUG_INTERFACES } from '../../src/templates/paths.ts';
import { ask, BareAmphora } from './bare-amphora.fixture.ts';
import { findEngine } from './engine/engine.ts';
import { requireImages } from './images/images.ts';

const MAC = { vip: 'fa:16:3e:00:00:01', member: 'fa:16:3e:00:00:02', late: 'fa:16:3e:00:00:03' };

test('a boot brings back each interface whose NIC is there or comes, and reports the one that does not', async (t) => {
  t.timeout(240_000);
  const engine = await findEngine();
  await using amphora = await BareAmphora.boot(engine, await requireImages(engine));
  const inside = (...argv: string[]) => amphora.run('ip', '-n', 'amphora-haproxy', ...argv);
  const client = amphora.connect();
  t.teardown(() => client.close());
  await amphora.plug(MAC.vip);
  await amphora.plug(MAC.member);
  const subnet = { subnet_cidr: '172.16.1.0/24', gateway: '172.16.1.1' };
  const vip = { ...subnet, mac_address: MAC.vip, vrrp_ip: '172.16.1.3' };
  t.is((await ask(client, 'POST', '/1.0/plug/vip/172.16.1.10', vip)).status, 202);
  const fixed_ips = [{ ip_address: '192.0.2.7', subnet_cidr: '192.0.2.0/24' }];
  const member = { mac_address: MAC.member, fixed_ips };
  t.is((await ask(client, 'POST', '/1.0/plug/network', member)).status, 202);

  // One is in the namespace and has nothing, one is a fresh NIC, one comes later, and one never.
  await inside('link', 'set', 'eth1', 'down');
  await inside('address', 'flush', 'dev', 'eth1');
  await inside('link', 'set', 'eth2', 'netns', '1', 'name', 'ens7');
  const copyAs = (name: string, mac: string) =>
    amphora.run(
      'sh',
      '-c',
      `cd ${PATHS.interfaces}; sed 's/${MAC.member}/${mac}/; s/eth2/${name}/; s/192.0.2.7/192.0.2.8/' eth2.ip > ${name}.ip; cp eth2.rules ${name}.rules`,
    );
  await copyAs('eth3', MAC.late);
  await copyAs('eth4', 'fa:16:3e:ff:ff:ff');
  const plugged = amphora.run(PLUG_INTERFACES);
  await amphora.plug(MAC.late);
  const failure = await t.throwsAsync(plugged, {
    message: /eth4: no interface with MAC fa:16:3e:ff:ff:ff has come back/,
  });
  t.notRegex(failure?.message ?? '', /eth[123]:/);
  t.regex(await inside('-o', 'address', 'show', 'eth1'), /inet 172\.16\.1\.3\/24/);
  t.regex(await inside('route', 'show', 'default'), /via 172\.16\.1\.1 dev eth1/);
  t.regex(await inside('-o', 'address', 'show', 'eth2'), /inet 192\.0\.2\.7\/24/);
  t.regex(await inside('-o', 'address', 'show', 'eth3'), /inet 192\.0\.2\.8\/24/);
});
