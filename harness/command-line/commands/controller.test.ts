import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createIdentity } from '../../../src/flows/certificate-authority.ts';
import { EXIT, explain } from '../errors.ts';
import { type ControllerOptions, controller } from './controller.ts';

const MACHINE = {
  ...{ amphora_id: '2ee1e2ee-6829-4e5f-ba4f-7ebb317ded11', agent_url: 'https://127.0.0.1:9443' },
  ...{ lb_network_ip: '127.0.0.1', mac_address: 'fa:16:3e:00:00:01', vrrp_ip: '172.16.1.3', mtu: 1450 },
};

const ATTEMPTS: Readonly<
  Record<
    string,
    {
      readonly with?: Partial<ControllerOptions>;
      readonly key?: string;
      readonly health?: Readonly<Record<string, unknown>>;
      readonly says: RegExp;
    }
  >
> = {
  'no such file of machines': {
    with: { machines: '/does/not/exist' },
    says: /^\/does\/not\/exist: there is/,
  },
  'a key that is none': {
    key: 'none',
    says: /tls takes PEM files of an authority, a certificate and its key/,
  },
  'a store that cannot be made': {
    with: { store: '/does/not/exist/store' },
    says: /^\/does\/not\/exist\/store cannot be used as a store/,
  },
  'heartbeats at an address that is not its own': {
    health: { bind_ip: '203.0.113.7', heartbeat_key: 'insecure' },
    says: /health_manager: bind_ip 203\.0\.113\.7, bind_port 5555 cannot be listened on \(EADDRNOTAVAIL\)/,
  },
  'heartbeats without a key': {
    health: { bind_ip: '127.0.0.1' },
    says: /machines\.json: health_manager\.heartbeat_key: /,
  },
  "an address that is not this machine's": {
    with: { listen: '203.0.113.7' },
    says: /^--listen and --port: nothing can be served at 203\.0\.113\.7, port 9876 \(EADDRNOTAVAIL\)/,
  },
};

for (const [what, attempt] of Object.entries(ATTEMPTS)) {
  test(`the controller refuses ${what} with one sentence`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-controller-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const { ca, cert, key } = (await createIdentity()).credentials;
    const files = { ca, cert, key: attempt.key ?? key };
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    const machines = join(folder, 'machines.json');
    await writeFile(
      machines,
      JSON.stringify({
        tls: { ca: join(folder, 'ca'), cert: join(folder, 'cert'), key: join(folder, 'key') },
        subnet: { cidr: '172.16.1.0/24', gateway_ip: '172.16.1.1' },
        machines: [MACHINE],
        ...(attempt.health && { health_manager: attempt.health }),
      }),
    );
    const options: ControllerOptions = {
      ...{ machines, store: join(folder, 'store'), listen: '127.0.0.1', port: 9876 },
      ...{ certificates: folder, profile: 'current', ...attempt.with },
    };
    const error = await t.throwsAsync(controller(options, AbortSignal.abort()));
    const { code, sentence = '' } = explain(error);
    t.is(code, EXIT.usage, sentence);
    t.regex(sentence, attempt.says);
  });
}
