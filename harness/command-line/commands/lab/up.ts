import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inMs } from '../../../analysis/statistics/milliseconds.ts';
import { backEndsFor } from '../../../lab/backends.ts';
import { reapFolder } from '../../../lab/engine/reaper.ts';
import { Lab } from '../../../lab/lab.ts';
import { defaultLoadBalancer, readLoadBalancer } from '../../../lab/load-balancer.ts';
import { untilServed } from '../../../lab/service.ts';
import { labPlan } from '../../../lab/subnets.ts';
import { parseParameters, settingsOf } from '../../../scenario/parameters.ts';
import { atRef } from '../../at-ref.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { labOptions, loadBalancer as loadBalancerOption, systemNamed } from '../../options.ts';
import { fromUser } from '../../places.ts';
import { workbench } from '../../workbench.ts';

const SERVICE_LIMIT_MS = 30_000;

export function register(lab: TestbedCommand, { finish, signal }: Running): void {
  const command = lab
    .command('up')
    .description('Builds a lab with a load balancer, to work in by hand, and keeps it until Ctrl-C.')
    .addOption(loadBalancerOption({ otherwise: 'one HTTP listener with two members' }));
  labOptions(command)
    .option('--json', 'Prints one line of JSON once the VIP serves.')
    .example('npm run lab -- up --set advert_int=2')
    .action(async (options) => finish(await atRef(options, signal, () => labUp(options, signal))));
}

/** `lab up`: a lab that stays until Ctrl-C. */
async function labUp(
  options: {
    readonly json?: boolean;
    readonly loadBalancer?: string;
    readonly set: readonly string[];
    readonly with: readonly string[];
  },
  signal: AbortSignal,
): Promise<number> {
  const loadBalancer = options.loadBalancer
    ? await readLoadBalancer(fromUser(options.loadBalancer))
    : defaultLoadBalancer();
  // Refused before an engine is looked for.
  const settings = settingsOf(parseParameters(options.set));
  labPlan(loadBalancer);
  backEndsFor(loadBalancer.pools);
  const { engine, images } = await workbench(systemNamed(options.with));
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say(engine.describe());
  await using lab = await Lab.create({
    engine,
    images,
    loadBalancer,
    settings,
    onTask: ({ name, durationMs }) => say(`${name} ${inMs(durationMs)}`),
  });
  signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-'));
  reapFolder(folder);
  try {
    const { ca, cert, key } = lab.credentials;
    const paths = {
      ca: join(folder, 'ca.pem'),
      cert: join(folder, 'client.pem'),
      key: join(folder, 'client.key'),
    };
    await Promise.all([
      writeFile(paths.ca, ca),
      writeFile(paths.cert, cert),
      writeFile(paths.key, key, { mode: 0o600 }),
    ]);
    const [listener] = loadBalancer.listeners;
    const forward = listener && (await lab.forwardVip(listener.protocol_port));
    const scheme = listener?.protocol === 'HTTP' ? 'http' : listener?.protocol === 'TCP' ? 'tcp' : 'https';
    const url = forward && `${scheme}://127.0.0.1:${forward.port}`;
    if (url && scheme === 'http') await untilServed(url, SERVICE_LIMIT_MS, { signal });
    const description = {
      name: lab.name,
      amphorae: lab.amphorae.map((amphora) => ({
        id: amphora.id,
        role: amphora.role,
        container: amphora.instance.containerName,
        vrrpIp: amphora.vrrp_ip,
        agent: { url: amphora.agent_url, ...paths },
      })),
      vip: { url: url ?? null },
    };
    if (options.json) process.stdout.write(`${JSON.stringify(description)}\n`);
    else process.stdout.write(forPeople(description));
    await untilEnd(lab, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

function forPeople(lab: {
  name: string;
  amphorae: readonly {
    id: string;
    role: string;
    container: string;
    agent: { url: string; ca: string; cert: string; key: string };
  }[];
  vip: { url: string | null };
}): string {
  return [
    `lab ${lab.name} is up; Ctrl-C ends it`,
    ...lab.amphorae.flatMap(({ id, role, container, agent }) => [
      `  ${role} amphora ${id}, container ${container}`,
      `    curl --connect-to ${id}:443:${new URL(agent.url).host} --cacert ${agent.ca} --cert ${agent.cert} --key ${agent.key} https://${id}/1.0/info`,
    ]),
    `  VIP, as the client sees it: ${lab.vip.url ?? 'no listener'}`,
    `  npm run lab -- exec amphora-1 -- journalctl -u octavia-keepalived`,
    '',
  ].join('\n');
}

async function untilEnd(lab: Lab, signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, 60_000);
  try {
    await Promise.race([signal.aborted ? undefined : once(signal, 'abort'), lab.fabric.ended]);
  } finally {
    clearInterval(alive);
  }
}
