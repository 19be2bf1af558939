import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { AmphoraLab } from './amphora-lab.ts';
import { findEngine } from './engine/engine.ts';
import { requireImages } from './images/images.ts';
import type { LabAmphora } from './lab.ts';
import { defaultLoadBalancer } from './load-balancer.ts';
import { untilServed } from './service.ts';

const LIMIT_MS = 120_000;
const KEY = 'PRIVATE KEY';
/** As SECURITY.md states them. */
const CAPABILITIES = {
  amphora: ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN', 'SYS_NICE'],
  fabric: ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN', 'SYS_PTRACE'],
} as const;

const engine = await findEngine();
let lab: AmphoraLab | undefined;
test.before(async (t) => {
  t.timeout(LIMIT_MS);
  const images = await requireImages(engine);
  lab = await AmphoraLab.create({
    engine,
    images,
    loadBalancer: defaultLoadBalancer(),
    settings: DEFAULT_SETTINGS,
  });
});
test.after.always(async () => lab?.[Symbol.asyncDispose]());

function standing(): AmphoraLab {
  if (!lab) throw new Error('The lab did not come.');
  return lab;
}

async function inAmphora({ instance }: LabAmphora, ...argv: string[]): Promise<string> {
  const [step] = await standing().fabric.run({
    argv: ['nsenter', '--target', String(instance.pid), '--all', ...argv],
  });
  return step?.stdout ?? '';
}

test('a lab reaches neither the host nor another lab', async (t) => {
  t.timeout(2 * LIMIT_MS);
  const here = standing().fabric;
  const connects = (address: string, port: number) => ({
    argv: ['timeout', '5', 'bash', '-c', `exec 3<>/dev/tcp/${address}/${port}`],
  });
  const { port: forwarded } = await standing().forwardVip(8080);
  await untilServed(`http://127.0.0.1:${forwarded}`, LIMIT_MS);
  const [control] = await here.attempt(connects(standing().vip, 8080));
  t.is(control?.exitCode, 0, 'the client connects to its own VIP by the same command');
  const server = createServer((socket) => socket.destroy()).listen(0, '0.0.0.0');
  await once(server, 'listening');
  try {
    const { port } = server.address() as { port: number };
    const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
    // 127.0.0.1 as well: the fabric's namespace has a loopback of its own.
    for (const { address } of addresses.filter(({ family }) => family === 'IPv4')) {
      const [step] = await here.attempt(connects(address, port));
      t.not(step?.exitCode, 0, `${address} answers`);
    }
  } finally {
    server.close();
  }
  const images = await requireImages(engine);
  await using other = await AmphoraLab.create({
    engine,
    images,
    loadBalancer: defaultLoadBalancer(),
    settings: DEFAULT_SETTINGS,
  });
  // An address that only the other lab's router has; its own client, whose way leads there, reaches it.
  await other.fabric.run(
    { argv: ['ip', '-n', 'router', 'link', 'set', 'lo', 'up'] },
    { argv: ['ip', '-n', 'router', 'address', 'add', '203.0.113.77/32', 'dev', 'lo'] },
  );
  const ping = { argv: ['ping', '-c', '1', '-W', '5', '203.0.113.77'] };
  const [there] = await other.fabric.attempt(ping);
  t.is(there?.exitCode, 0, there?.stdout);
  const [fromHere] = await here.attempt(ping);
  t.not(fromHere?.exitCode, 0);
});

test("keys are root's alone", async (t) => {
  const [amphora] = standing().amphorae;
  if (!amphora) throw new Error('The lab has no amphora.');
  const files = (await inAmphora(amphora, 'grep', '-rl', KEY, '/etc/octavia', '/var/lib/octavia'))
    .trim()
    .split('\n');
  t.true(files.length > 0);
  const modes = await inAmphora(amphora, 'stat', '--format=%a %U', ...files);
  for (const mode of modes.trim().split('\n')) t.is(mode, '600 root');
});

test('keys are in no log, environment or label', async (t) => {
  for (const amphora of standing().amphorae) {
    const container = engine.docker.getContainer(amphora.instance.containerId);
    t.false(JSON.stringify(await container.inspect()).includes(KEY));
    t.false((await inAmphora(amphora, 'journalctl', '--no-pager')).includes(KEY));
    t.false((await container.logs({ stdout: true, stderr: true })).includes(KEY));
  }
  // The engine would keep all that passes through the fabric.
  const { HostConfig } = await engine.docker.getContainer(standing().fabric.containerId).inspect();
  t.is(HostConfig.LogConfig?.Type, 'none');
});

test('containers have the capabilities that SECURITY.md states, and no network', async (t) => {
  const found = async (id: string) => {
    const { HostConfig } = await engine.docker.getContainer(id).inspect();
    t.false(HostConfig.Privileged);
    t.is(HostConfig.NetworkMode, 'none');
    return ((HostConfig.CapAdd ?? []) as string[]).map((name) => name.replace(/^CAP_/, '')).sort();
  };
  t.deepEqual(await found(standing().fabric.containerId), [...CAPABILITIES.fabric]);
  for (const { instance } of standing().amphorae)
    t.deepEqual(await found(instance.containerId), [...CAPABILITIES.amphora]);
});

/** Another engine's socket is its owner's affair. */
const testWithPrivateEngine = engine.kind === 'private' && process.getuid?.() === 0 ? test : test.skip;

testWithPrivateEngine("the private engine is root's alone", async (t) => {
  const socket = engine.host.slice('unix://'.length);
  t.is((await stat(dirname(socket))).mode & 0o777, 0o700);
  const nobody = 65_534;
  const code = `require('net').connect(${JSON.stringify(socket)}).on('error',e=>{console.log(e.code);process.exit()}).on('connect',()=>{console.log('connected');process.exit()})`;
  const { stdout } = await execa('/usr/bin/setpriv', [
    ...[`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', 'node', '-e', code],
  ]);
  t.is(stdout, 'EACCES');
});
