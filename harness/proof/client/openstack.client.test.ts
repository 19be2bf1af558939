import test, { type ExecutionContext } from 'ava';
import { api, type Json } from '../../../src/api/api.fixture.ts';
import { NotUnpacked } from '../../lab/images/unpacked-debian.ts';
import { OpenstackShell, openstackClient, type Place } from './openstack.ts';

const SUBNET = '5f3c2c52-6a0c-4a43-9d3a-0c6e3f0a9d11';
const PROJECT = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const COUNTERS = {
  bytes_in: 1,
  bytes_out: 2,
  active_connections: 3,
  total_connections: 4,
  request_errors: 5,
};
const LIMIT_MS = 20 * 60_000;

const where = await openstackClient().catch((error: unknown) => {
  if (error instanceof NotUnpacked) return error;
  throw error;
});

/** The API at a port of this machine, and the client's commands, each by its words. */
async function client(t: ExecutionContext, place: Place) {
  const listener = '7d1f8a52-0b0c-4a43-9d3a-0c6e3f0a9d22';
  const statistics = {
    ofListener: () => COUNTERS,
    ofAmphora: () => new Map([[listener, COUNTERS]]),
  };
  const { app, settled } = api({ statistics, issueCertificate: async () => '' });
  // The client asks Neutron and Keystone for what has a name there, at the same address.
  app.get('/v2.0/subnets', async () => ({ subnets: [{ id: SUBNET, name: 'front', network_id: SUBNET }] }));
  app.get(`/projects/${PROJECT}`, async () => ({ project: { id: PROJECT, name: 'shop', links: {} } }));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const shell = await OpenstackShell.in(place);
  t.teardown(async () => {
    await shell[Symbol.asyncDispose]();
    await app.close();
  });
  const ended = async (command: string) => {
    const words = ['--os-auth-type', 'none', '--os-endpoint', address, 'loadbalancer', ...command.split(' ')];
    const answer = await shell.run(words);
    await settled();
    const said = (answer.stdout + answer.stderr).replace(/\s+/g, ' ').trim();
    t.log(`${command} → ${answer.code}: ${said}`);
    return { ...answer, said };
  };
  const run = async (command: string): Promise<string> => {
    const { code, stdout, said } = await ended(command);
    t.is(code, 0, `openstack loadbalancer ${command}: ${said}`);
    return stdout;
  };
  const fails = async (command: string, words: RegExp) => {
    const { code, said } = await ended(command);
    t.not(code, 0, command);
    t.regex(said, words, command);
  };
  // biome-ignore lint/suspicious/noExplicitAny: an object or a list, as the command has it
  const json = async (command: string): Promise<any> => JSON.parse(await run(`${command} -f json`));
  const names = async (command: string) => (await json(command)).map(({ name }: Json) => name);
  return { run, json, names, fails };
}

const WALK = "the operators' client finds its way";
if (where instanceof NotUnpacked) test.skip(`${WALK} (${where.message})`, () => {});
else
  test(WALK, async (t) => {
    t.timeout(LIMIT_MS);
    await using place = where;
    t.log(`the client of ${place.description}`);
    const { run, json, names, fails } = await client(t, place);

    // Load balancers.
    for (const name of ['one', 'two']) {
      t.like(await json(`create --name ${name} --vip-subnet-id front --wait`), {
        ...{ name, provisioning_status: 'ACTIVE', vip_subnet_id: SUBNET, provider: 'amphora' },
      });
    }
    t.like(
      await json('create --name one-amphora --flavor single --vip-subnet-id front --tag a --disable --wait'),
      {
        ...{ flavor_id: 'f1a00000-0000-4000-8000-000000000001', admin_state_up: false, tags: 'a' },
      },
    );
    t.deepEqual(await names('list'), ['one', 'two', 'one-amphora']);
    t.deepEqual(await names('list --name two'), ['two']);
    t.deepEqual(await names('list --name nosuch'), []);
    t.deepEqual(await names('list --disable'), ['one-amphora']);
    t.deepEqual(await names('list --provisioning-status ERROR'), []);
    t.deepEqual(await names('list --tags a'), ['one-amphora']);
    t.deepEqual(await names('list --not-tags a'), ['one', 'two']);
    await fails('show nosuch', /nosuch/);
    await fails('delete nosuch', /nosuch/);
    await run('set one --description changed --tag a --tag b --wait');
    const changed = await json('show one');
    // The client keeps tags as a set.
    t.deepEqual([changed.description, changed.tags.split('\n').sort()], ['changed', ['a', 'b']]);
    await run('unset one --tag a --description --wait');
    t.like(await json('show one'), { tags: 'b', description: '' });
    await run('set one-amphora --name three --enable --wait');
    t.like(await json('show three'), { admin_state_up: true });
    t.like(await json('stats show one'), { total_connections: 0 });

    // Listeners.
    t.like(await json('listener create --name l --protocol HTTP --protocol-port 80 one --wait'), {
      ...{ name: 'l', provisioning_status: 'ACTIVE', protocol_port: 80 },
    });
    await run(
      'listener create --name other --protocol TCP --protocol-port 90 --allowed-cidr 192.0.2.5 one --wait',
    );
    t.deepEqual(await names('listener list --loadbalancer one'), ['l', 'other']);
    t.deepEqual(await names('listener list --loadbalancer two'), []);
    t.deepEqual(await names('listener list --name other'), ['other']);
    await fails('listener create --name l2 --protocol HTTP --protocol-port 80 one', /409/);
    await run('listener set l --connection-limit 200 --insert-headers X-Forwarded-For=true --wait');
    t.like(await json('listener show l'), { connection_limit: 200, insert_headers: 'X-Forwarded-For=true' });
    await run('listener unset l --connection-limit --insert-headers --wait');
    t.like(await json('listener show l'), { connection_limit: -1, insert_headers: null });
    t.like(await json('listener stats show l'), { bytes_in: 1, active_connections: 3 });

    // Pools and members.
    await run('pool create --name p --lb-algorithm ROUND_ROBIN --listener l --protocol HTTP --wait');
    await run('pool create --name spare --lb-algorithm SOURCE_IP --loadbalancer one --protocol TCP --wait');
    t.deepEqual(await names('pool list --loadbalancer one'), ['p', 'spare']);
    t.like(await json('listener show l'), { default_pool_id: (await json('pool show p')).id });
    await run('pool set p --lb-algorithm LEAST_CONNECTIONS --session-persistence type=SOURCE_IP --wait');
    t.like(await json('pool show p'), {
      lb_algorithm: 'LEAST_CONNECTIONS',
      session_persistence:
        'type=SOURCE_IP\ncookie_name=None\npersistence_timeout=None\npersistence_granularity=None',
    });
    await run('pool unset p --session-persistence --wait');
    t.like(await json('pool show p'), { session_persistence: null });

    await run('member create --name m --address 192.0.2.1 --protocol-port 80 p --wait');
    await run(
      'member create --name b --address 192.0.2.2 --protocol-port 80 --enable-backup --weight 3 p --wait',
    );
    await fails('member create --name m2 --address 192.0.2.1 --protocol-port 80 p', /409/);
    t.deepEqual(await names('member list p'), ['m', 'b']);
    await run('member set p m --weight 7 --monitor-port 8080 --wait');
    t.like(await json('member show p m'), {
      ...{ weight: 7, monitor_port: 8080, operating_status: 'NO_MONITOR' },
    });
    await run('member unset p m --weight --monitor-port --wait');
    t.like(await json('member show p m'), { weight: 1, monitor_port: null });

    await run('healthmonitor create --name h --delay 5 --max-retries 4 --timeout 3 --type HTTP p --wait');
    t.deepEqual(await names('healthmonitor list'), ['h']);
    await run('healthmonitor set h --url-path /ready --expected-codes 200-204 --wait');
    t.like(await json('healthmonitor show h'), {
      ...{ url_path: '/ready', expected_codes: '200-204', operating_status: 'ONLINE' },
    });
    await run('healthmonitor unset h --url-path --expected-codes --wait');
    t.like(await json('healthmonitor show h'), { url_path: '/', expected_codes: '200' });

    // L7 policies and rules.
    await run('l7policy create --name y --action REDIRECT_TO_POOL --redirect-pool p l --wait');
    await run(
      'l7policy create --name z --action REDIRECT_TO_URL --redirect-url https://example.org/ l --wait',
    );
    t.deepEqual(await names('l7policy list --listener l'), ['y', 'z']);
    await run('l7policy set y --action REJECT --wait');
    t.like(await json('l7policy show y'), { action: 'REJECT', redirect_pool_id: null, position: 1 });
    await run('l7policy unset z --redirect-http-code --wait');
    // Releases of the client before 3.4 look for the rule and its policy in each other's place where they wait.
    const { id: rule } = await json('l7rule create --type PATH --compare-type STARTS_WITH --value /a y');
    t.deepEqual(
      (await json('l7rule list y')).map(({ id }: Json) => id),
      [rule],
    );
    await run(`l7rule set y ${rule} --value /b --invert`);
    t.like(await json(`l7rule show y ${rule}`), { value: '/b', invert: true });
    await run(`l7rule unset y ${rule} --invert`);
    t.like(await json(`l7rule show y ${rule}`), { invert: false });

    // Amphorae.
    const { id: loadBalancer } = await json('show one');
    const [amphora] = await json(`amphora list --loadbalancer ${loadBalancer} --role MASTER`);
    t.like(await json(`amphora show ${amphora.id}`), { status: 'ALLOCATED', role: 'MASTER' });
    t.like(await json(`amphora stats show ${amphora.id}`), { bytes_in: 1, total_connections: 4 });
    await run(`amphora configure ${amphora.id}`);
    await run(`amphora failover ${amphora.id} --wait`);
    await fails(`amphora show ${amphora.id}`, /404|not found|no amphora/i);
    await run('failover one --wait');
    await run('failover three --wait');
    t.regex(await run('status show one'), /"health_?monitor"/);
    const [left] = await json('amphora list --role BACKUP');
    await fails(`amphora delete ${left.id}`, /501/);

    // What a cloud has besides.
    t.deepEqual(await names('provider list'), ['amphora', 'octavia']);
    await run('provider capability list amphora');
    t.deepEqual(await names('flavor list'), ['single', 'active-standby']);
    await run('flavor show single');
    t.is((await json('flavorprofile list')).length, 2);
    t.deepEqual(await json('availabilityzone list'), []);
    t.deepEqual(await json('availabilityzoneprofile list'), []);
    await fails('flavor create --name f --flavorprofile nosuch', /nosuch/);
    t.like(await json('quota defaults show'), { load_balancer: -1 });
    await run(`quota set ${PROJECT} --listener 9`);
    t.like(await json(`quota show ${PROJECT}`), { listener: 9 });
    t.is((await json('quota list')).length, 1);
    await run(`quota unset ${PROJECT} --listener`);
    await run(`quota reset ${PROJECT}`);

    // Away with all of it, one by one and at once.
    await run(`l7rule delete y ${rule} --wait`);
    t.deepEqual(await json('l7rule list y'), []);
    await run('l7policy delete y --wait');
    await run('healthmonitor delete h --wait');
    await run('member delete p m --wait');
    t.deepEqual(await names('member list p'), ['b']);
    await run('pool delete p --wait');
    await run('listener delete other --wait');
    t.deepEqual([await names('listener list'), await names('pool list')], [['l'], ['spare']]);
    await fails('delete one', /400|409/);
    await run('delete one --cascade --wait');
    t.deepEqual(
      [await names('list'), await names('listener list'), await names('pool list')],
      [['two', 'three'], [], []],
    );
    await run('delete two --wait');
    await run('delete three --wait');
    t.deepEqual([await names('list'), await json('amphora list')], [[], []]);
  });
