import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskListener } from '../../../../src/flows/flow.ts';
import { inMs } from '../../../analysis/statistics/milliseconds.ts';
import { AmphoraLab } from '../../../lab/amphora-lab.ts';
import { backEndsFor } from '../../../lab/backends.ts';
import type { Lab } from '../../../lab/lab.ts';
import { defaultLoadBalancer, readLoadBalancer } from '../../../lab/load-balancer.ts';
import { PlainLab } from '../../../lab/plain/plain-lab.ts';
import { shownServer } from '../../../lab/plain/servers.ts';
import { untilServed } from '../../../lab/service.ts';
import { labPlan } from '../../../lab/subnets.ts';
import { parseParameters, settingsOf } from '../../../scenario/parameters.ts';
import { atRef } from '../../at-ref.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { untilInterrupted } from '../../live-page.ts';
import {
  labOptions,
  loadBalancer as loadBalancerOption,
  requireAmphorae,
  systemNamed,
} from '../../options.ts';
import { fromUser } from '../../places.ts';
import { makeLabFolder, SharedLab, sessionIn } from '../../shared-lab.ts';
import { workbench } from '../../workbench.ts';

const SERVICE_LIMIT_MS = 30_000;

export function register(lab: TestbedCommand, { finish, signal }: Running): void {
  const command = lab
    .command('up')
    .description('Builds a lab with a load balancer, to work in by hand, and keeps it until Ctrl-C.');
  keptLabOptions(command)
    .option('--json', 'Prints one line of JSON once the VIP serves.')
    .example('npm run lab -- up --set advert_int=2')
    .action(async (options) => finish(await atRef(options, signal, () => labUp(options, signal))));
}

/** What a lab to work in by hand is made of. */
export interface KeptLab {
  readonly loadBalancer?: string;
  readonly set: readonly string[];
  readonly with: readonly string[];
}

/** Adds what every command takes that builds a lab to work in by hand. */
export function keptLabOptions(command: TestbedCommand): TestbedCommand {
  command.addOption(loadBalancerOption({ otherwise: 'one HTTP listener with two members' }));
  return labOptions(command);
}

/** Builds a lab to work in by hand; says what is done meanwhile. */
export async function keptLab(options: KeptLab, signal: AbortSignal): Promise<AmphoraLab | PlainLab> {
  const system = systemNamed(options.with, options.set);
  if (options.loadBalancer !== undefined) requireAmphorae(system, '--load-balancer');
  const loadBalancer = options.loadBalancer
    ? await readLoadBalancer(fromUser(options.loadBalancer))
    : defaultLoadBalancer();
  // Refused before an engine is looked for.
  const settings = settingsOf(parseParameters(options.set));
  labPlan(loadBalancer);
  backEndsFor(loadBalancer.pools);
  const { engine, images } = await workbench(system);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say(engine.describe());
  const { pair } = images.system;
  const onTask: TaskListener = ({ name, durationMs }) => say(`${name} ${inMs(durationMs)}`);
  const lab = pair
    ? await PlainLab.create({ engine, images, pair })
    : await AmphoraLab.create({ engine, images, loadBalancer, settings, onTask });
  if (!signal.aborted) return lab;
  await lab[Symbol.asyncDispose]();
  throw signal.reason;
}

/** `lab up`: a lab that stays until Ctrl-C. */
async function labUp(options: KeptLab & { readonly json?: boolean }, signal: AbortSignal): Promise<number> {
  await using lab = await keptLab(options, signal);
  const forward = lab.port > 0 ? await lab.forwardVip(lab.port) : undefined;
  const url = forward && `${schemeOf(lab)}://127.0.0.1:${forward.port}`;
  if (url?.startsWith('http:')) await untilServed(url, SERVICE_LIMIT_MS, { signal });
  await using folder = await makeLabFolder(lab.name);
  await using _shared = await SharedLab.open(lab.name, () => sessionIn(lab, folder.path, options));
  const described =
    lab instanceof PlainLab
      ? { ...machinesOf(lab), text: pairText(lab, url) }
      : await amphoraeOf(lab, folder.path, url);
  const { text, ...description } = { name: lab.name, ...described, vip: { url: url ?? null } };
  process.stdout.write(options.json ? `${JSON.stringify(description)}\n` : text);
  await untilInterrupted(signal, lab.fabric.ended);
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

function schemeOf(lab: AmphoraLab | PlainLab): 'http' | 'https' | 'tcp' {
  if (lab instanceof PlainLab) return lab.plan.service.protocol;
  const protocol = lab.deployment.loadBalancer.listeners[0]?.protocol;
  return protocol === 'HTTP' ? 'http' : protocol === 'TCP' ? 'tcp' : 'https';
}

/** The amphorae, with what their agents ask of a client, in files. */
async function amphoraeOf(lab: AmphoraLab, folder: string, url: string | undefined) {
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
  const amphorae = lab.amphorae.map((amphora) => ({
    id: amphora.id,
    role: amphora.role,
    container: amphora.instance.containerName,
    vrrpIp: amphora.vrrp_ip,
    agent: { url: amphora.agent_url, ...paths },
  }));
  const text = [
    up(lab),
    ...amphorae.flatMap(({ id, role, container, agent }) => [
      `  ${role} amphora ${id}, container ${container}`,
      `    curl --connect-to ${id}:443:${new URL(agent.url).host} --cacert ${agent.ca} --cert ${agent.cert} --key ${agent.key} https://${id}/1.0/info`,
    ]),
    `  VIP, as the client sees it: ${url ?? 'no listener'}`,
    `  npm run lab -- exec amphora-1 -- journalctl -u octavia-keepalived`,
    '',
  ].join('\n');
  return { amphorae, text };
}

function machinesOf({ nodes, plan }: PlainLab) {
  return {
    machines: nodes.map(({ instance, vrrp_ip, vrrp_interface, vrrp_priority }) => ({
      name: instance.name,
      container: instance.containerName,
      ...{ vrrpIp: vrrp_ip, interface: vrrp_interface, priority: vrrp_priority },
    })),
    service: plan.service,
  };
}

/** What the lab made of the configurations. */
function pairText(lab: PlainLab, url: string | undefined): string {
  const { nodes, network, service, backEnds } = lab.plan;
  const { vip, port, protocol } = service;
  return [
    up(lab),
    ...nodes.map(
      ({ name, priority, vrrp, nics }) =>
        `  ${name}: priority ${priority}, VRRP from ${vrrp.ip} on ${vrrp.interface}; ${nics.map((nic) => `${nic.name} ${nic.addresses.join(' ')}`).join(', ')}`,
    ),
    `  router: ${network.subnets.map(({ router, subnet_cidr }) => `${router} in ${subnet_cidr}`).join(', ')}`,
    `  back ends: ${backEnds.map(shownServer).join(', ') || 'none'}`,
    `  measured: ${vip} port ${port} (${protocol}), as the client sees it: ${url}`,
    `  npm run lab -- exec ${nodes[0]?.name} -- journalctl -u keepalived`,
    '',
  ].join('\n');
}

function up({ name }: Lab): string {
  return `lab ${name} is up; Ctrl-C ends it. See it in a browser: npm run lab -- ui --lab ${name}`;
}
