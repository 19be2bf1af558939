import { access } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { api, type Json } from './api.fixture.ts';

/**
 * The client that operators use, of Debian's packages python3-openstackclient and python3-octaviaclient, before this
 * API. They are installed where this process may do so; where it may not, and they are not there, nothing is tried.
 */
const CLIENT = '/usr/bin/openstack';
const PACKAGES = ['python3-openstackclient', 'python3-octaviaclient'];
const SUBNET = '5f3c2c52-6a0c-4a43-9d3a-0c6e3f0a9d11';
const LIMIT_MS = 60_000;

async function isThere(): Promise<boolean> {
  const installed = async () =>
    (await access(CLIENT).then(
      () => true,
      () => false,
    )) && (await execa(CLIENT, ['loadbalancer', 'list', '--help'], { reject: false })).exitCode === 0;
  if (await installed()) return true;
  if (process.getuid?.() !== 0) return false;
  const apt = { reject: false, env: { DEBIAN_FRONTEND: 'noninteractive' }, timeout: 10 * LIMIT_MS } as const;
  await execa('apt-get', ['update'], apt);
  await execa('apt-get', ['install', '-y', '--no-install-recommends', ...PACKAGES], apt);
  return installed();
}

/** The API at a port of this machine, and the client's commands, each by its words. */
async function client(t: ExecutionContext) {
  const { app, settled } = api();
  // The client asks Neutron for subnets by their names, at the same address.
  app.get('/v2.0/subnets', async () => ({ subnets: [{ id: SUBNET, name: 'front', network_id: SUBNET }] }));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  const run = async (command: string): Promise<string> => {
    const words = command.split(' ');
    const { stdout, stderr, exitCode } = await execa(
      CLIENT,
      ['--os-auth-type', 'none', '--os-endpoint', address, 'loadbalancer', ...words],
      { reject: false, timeout: LIMIT_MS },
    );
    t.is(exitCode, 0, `openstack loadbalancer ${command}: ${stderr}`);
    await settled();
    return stdout;
  };
  const json = async (command: string): Promise<Json> => JSON.parse(await run(`${command} -f json`));
  return { run, json };
}

const there = await isThere();

(there ? test : test.skip)("the operators' client finds its way", async (t) => {
  t.timeout(20 * LIMIT_MS);
  const { run, json } = await client(t);

  for (const name of ['one', 'two']) {
    t.like(await json(`create --name ${name} --vip-subnet-id front --wait`), {
      ...{ name, provisioning_status: 'ACTIVE', vip_subnet_id: SUBNET, provider: 'amphora' },
    });
  }
  const names = async (command: string) => (await json(command)).map(({ name }: Json) => name);
  t.deepEqual(await names('list'), ['one', 'two']);
  t.deepEqual(await names('list --name two'), ['two']);
  t.deepEqual(await names('list --name nosuch'), []);
  await run('set one --description changed --tag a --tag b --wait');
  const changed = await json('show one');
  // The client keeps tags as a set.
  t.deepEqual([changed.description, changed.tags.split('\n').sort()], ['changed', ['a', 'b']]);
  await run('unset one --tag a --wait');
  t.like(await json('show one'), { tags: 'b' });
  t.like(await json('stats show one'), { total_connections: 0 });

  t.like(await json('listener create --name l --protocol HTTP --protocol-port 80 one --wait'), {
    name: 'l',
    provisioning_status: 'ACTIVE',
    protocol_port: 80,
  });
  await run('listener set l --connection-limit 200 --wait');
  t.like(await json('listener show l'), { connection_limit: 200 });
  await run('listener unset l --connection-limit --wait');
  t.like(await json('listener show l'), { connection_limit: -1 });
  t.like(await json('listener stats show l'), { bytes_in: 0 });

  await run('pool create --name p --lb-algorithm ROUND_ROBIN --listener l --protocol HTTP --wait');
  await run('pool set p --lb-algorithm LEAST_CONNECTIONS --session-persistence type=SOURCE_IP --wait');
  t.like(await json('pool show p'), {
    lb_algorithm: 'LEAST_CONNECTIONS',
    session_persistence:
      'type=SOURCE_IP\ncookie_name=None\npersistence_timeout=None\npersistence_granularity=None',
  });
  await run('pool unset p --session-persistence --wait');

  await run('member create --name m --address 192.0.2.1 --protocol-port 80 p --wait');
  await run('member set p m --weight 7 --wait');
  t.like(await json('member show p m'), { weight: 7, operating_status: 'NO_MONITOR' });
  await run('member unset p m --weight --wait');
  t.like(await json('member show p m'), { weight: 1 });

  await run('healthmonitor create --name h --delay 5 --max-retries 4 --timeout 3 --type HTTP p --wait');
  await run('healthmonitor set h --url-path /ready --wait');
  t.like(await json('healthmonitor show h'), { url_path: '/ready', operating_status: 'ONLINE' });
  await run('healthmonitor unset h --url-path --wait');

  await run('l7policy create --name y --action REDIRECT_TO_POOL --redirect-pool p l --wait');
  await run('l7policy set y --action REJECT --wait');
  t.like(await json('l7policy show y'), { action: 'REJECT', redirect_pool_id: null });
  // This release of the client looks for the rule and its policy in each other's place where it waits.
  const { id: rule } = await json('l7rule create --type PATH --compare-type STARTS_WITH --value /a y');
  await run(`l7rule set y ${rule} --value /b --invert`);
  t.like(await json(`l7rule show y ${rule}`), { value: '/b', invert: true });

  const amphora = (await json('amphora list'))[0];
  t.like(await json(`amphora show ${amphora.id}`), { status: 'ALLOCATED' });
  await run(`amphora failover ${amphora.id} --wait`);
  await run('failover one --wait');
  t.regex(await run('status show one'), /"healthmonitor"|"health_monitor"/);
  for (const command of [
    'provider list',
    'flavor list',
    'availabilityzone list',
    'quota list',
    'quota defaults show',
  ]) {
    await run(command);
  }

  await run(`l7rule delete y ${rule} --wait`);
  await run('l7policy delete y --wait');
  await run('healthmonitor delete h --wait');
  await run('member delete p m --wait');
  await run('pool delete p --wait');
  await run('delete one --cascade --wait');
  t.deepEqual(await names('list'), ['two']);
  await run('delete two --wait');
  t.deepEqual(await names('list'), []);
});
