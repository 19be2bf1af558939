import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { vrrpGroup } from '../../../src/controller/vrrp-group.ts';
import { type AddressPlan, addressPlan, amphoraAddresses } from '../../../src/domain/address-plan.ts';
import { type Amphora, VRRP_PRIORITY } from '../../../src/domain/amphora.ts';
import type { Listener, LoadBalancer } from '../../../src/domain/load-balancer.ts';
import { servedByHaproxy } from '../../../src/domain/protocol.ts';
import { DEFAULT_SETTINGS, type Profile, type Settings } from '../../../src/domain/settings.ts';
import { connectionsWithin } from '../../../src/driver/connection-limit.ts';
import { type HaproxyProcess, processesOf } from '../../../src/driver/haproxy-process.ts';
import { OWN_RENDERERS, type Renderers } from '../../../src/driver/renderers.ts';
import { PATHS } from '../../../src/templates/paths.ts';
import { peerName } from '../../../src/templates/peer-name.ts';
import {
  haproxyUnit,
  keepalivedUnit,
  lvsUnit,
  netnsUnit,
  UPSTREAM_LIMIT_NOFILE,
} from '../../../src/templates/units.ts';
import { newLabName } from '../../lab/engine/labels.ts';
import { readLoadBalancer } from '../../lab/load-balancer.ts';
import { requireInOctavia } from '../../lab/renderers/octavia-renderers.ts';
import { readTexts, withTexts } from '../../lab/renderers/own-texts.ts';
import { openRenderers } from '../../lab/renderers/renderers.ts';
import { LAB_DEFAULTS } from '../../lab/subnets.ts';
import { parseSystem, type System } from '../../system/system.ts';
import { UsageError } from '../../usage-error.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { hardFileLimit } from '../file-limit.ts';
import { loadBalancer, profile, systemNamed, system as systemOption, takes } from '../options.ts';
import { fromUser, makeNamedFolder } from '../places.ts';
import { print } from '../print.ts';
import { workbench } from '../workbench.ts';

export interface RenderOptions {
  readonly loadBalancer: string;
  readonly out: string;
  readonly profile: Profile;
  /** One haproxy.cfg for each listener, as in Rocky. */
  readonly split?: boolean;
  readonly fitMachine?: boolean;
  readonly with: readonly string[];
  /** The Octavia, or `own`, that the configurations are compared with. */
  readonly diff?: string;
}

/** What all files of a load balancer are made from. */
interface Plan {
  readonly loadBalancer: LoadBalancer;
  readonly amphorae: readonly Amphora[];
  readonly addresses: AddressPlan;
  readonly settings: Settings;
  readonly limitNofile: number;
}

/** A file's content by its name. */
type Files = Readonly<Record<string, string>>;

export const group: Group = 'Look inside';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('render')
    .description(
      'Writes the configurations that a lab would upload, a folder for each amphora. Octavia renders in its image, which needs an engine.',
    )
    .addOption(loadBalancer({}).makeOptionMandatory())
    .addOption(takes('--out <folder>', 'Writes below this folder.', {}).makeOptionMandatory())
    .addOption(profile())
    .addOption(systemOption())
    .addOption(
      takes(
        '--diff <octavia>',
        'Prints how they differ from those of own, bookworm, trixie or a checkout; exit code 1 where they do.',
        { otherwise: 'no comparison' },
      ),
    )
    .option('--split', 'Writes a haproxy.cfg for each listener, as in Rocky.')
    .option('--fit-machine', "Applies this machine's limit of open files.")
    .example('npm run render -- --load-balancer examples/load-balancer.json --out rendered')
    .example('npm run render -- --load-balancer lb.json --out x --with octavia=16')
    .action(async (options) => finish(await render(options)));
}

/** `render`: writes the files that would be uploaded, a folder for each amphora; without an engine where Octavia renders nothing. */
export async function render(options: RenderOptions): Promise<number> {
  const loadBalancer = await readLoadBalancer(fromUser(options.loadBalancer));
  const system = requireRendering(systemNamed(options.with));
  const other =
    options.diff === undefined ? undefined : parseSystem('--diff', [`octavia=${options.diff}`], fromUser);
  const fileLimit = options.fitMachine ? await hardFileLimit() : Number.POSITIVE_INFINITY;
  const addresses = addressPlan(loadBalancer, LAB_DEFAULTS);
  const plan: Plan = {
    loadBalancer,
    amphorae: amphoraeOf(loadBalancer, addresses),
    addresses,
    settings: {
      ...DEFAULT_SETTINGS,
      profile: options.profile,
      split: options.split ?? false,
      haproxy_maxconn: Math.min(DEFAULT_SETTINGS.haproxy_maxconn, connectionsWithin(fileLimit)),
    },
    limitNofile: Math.min(UPSTREAM_LIMIT_NOFILE[options.profile], fileLimit),
  };
  const configurations = await configurationsBy(system, plan);
  const say = (line: string) => (other ? process.stderr : process.stdout).write(`${line}\n`);
  for (const [amphora, rendered] of configurations) {
    const folder = join(fromUser(options.out), amphora.id);
    // Units are the agent's.
    const files = { ...rendered, ...(system.octavia.kind === 'own' && unitsOf(plan, amphora)) };
    makeNamedFolder(folder, '--out');
    await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
    say(`${folder}: ${Object.keys(files).join(', ')}`);
  }
  if (!other) return EXIT.ok;
  const patches = patchesBetween(await configurationsBy(other, plan), configurations);
  print(patches.join(''));
  return patches.length === 0 ? EXIT.ok : EXIT.failed;
}

/** @throws UsageError where a part of the system has no say in what is rendered */
function requireRendering(system: System): System {
  const { octavia, release, builds, pair, image, ref } = system;
  const idle = Object.entries({
    ...(octavia.kind === 'own' && { release, ...builds }),
    pair,
    image,
    ref,
  }).find(([, value]) => value !== undefined);
  if (!idle) return system;
  throw new UsageError(
    `--with: ${idle[0]} changes nothing in what is rendered; render takes octavia, keepalived.conf and haproxy.cfg.`,
  );
}

/** What a system renders for each amphora. */
async function configurationsBy(system: System, plan: Plan): Promise<readonly (readonly [Amphora, Files])[]> {
  await using renderers = await renderersOf(system, plan);
  const all: (readonly [Amphora, Files])[] = [];
  for (const amphora of plan.amphorae) all.push([amphora, await configurationsOf(plan, amphora, renderers)]);
  return all;
}

async function renderersOf(system: System, plan: Plan): Promise<Renderers & AsyncDisposable> {
  const nameOf = ({ id }: Amphora) =>
    `amphora-${plan.amphorae.findIndex((amphora) => amphora.id === id) + 1}`;
  if (system.octavia.kind === 'own') {
    const { texts } = await readTexts(system.texts);
    return { ...withTexts(OWN_RENDERERS, texts, nameOf), [Symbol.asyncDispose]: async () => {} };
  }
  requireInOctavia(plan.settings);
  const { engine, images } = await workbench(system);
  return openRenderers(engine, newLabName(), images, nameOf);
}

async function configurationsOf(plan: Plan, amphora: Amphora, renderers: Renderers): Promise<Files> {
  const { loadBalancer, amphorae, addresses, settings } = plan;
  const { vip, additionalVips } = addresses;
  const served = { loadBalancer, vipAddress: vip.ip_address, amphora, amphorae, settings };
  const files: Record<string, string> = {};
  for (const process of processesIn(plan)) {
    const name = settings.split ? `haproxy-${process.id}.cfg` : 'haproxy.cfg';
    files[name] = await renderers.haproxy({ ...served, process });
  }
  for (const listener of lvsListeners(plan)) {
    files[`${PATHS.lvs.of(listener.id).name}.conf`] = await renderers.lvs({ ...served, listener });
  }
  if (loadBalancer.topology === 'ACTIVE_STANDBY') {
    const group = vrrpGroup(loadBalancer.id, settings);
    files['keepalived.conf'] = await renderers.keepalived({
      ...{ amphora, amphorae, vip, additionalVips, group, settings },
    });
  }
  return files;
}

/** What the testbed's agent writes beside the configurations. */
function unitsOf(plan: Plan, amphora: Amphora): Files {
  const { loadBalancer, settings, limitNofile } = plan;
  const haproxy = processesIn(plan).map(({ id }) => [
    `haproxy-${id}.service`,
    haproxyUnit({ id, peer: peerName(amphora.id), limitNofile }),
  ]);
  const lvs = lvsListeners(plan).map(({ id }) => [
    `${PATHS.lvs.of(id).name}.service`,
    lvsUnit(id, settings.profile),
  ]);
  return {
    ...Object.fromEntries([...haproxy, ...lvs]),
    ...(loadBalancer.topology === 'ACTIVE_STANDBY' && {
      'octavia-keepalived.service': keepalivedUnit(settings.profile),
    }),
    'amphora-netns.service': netnsUnit(),
  };
}

function processesIn({ loadBalancer, settings }: Plan): readonly HaproxyProcess[] {
  return processesOf(loadBalancer, settings.split ? '0.5' : '1.0');
}

function lvsListeners({ loadBalancer }: Plan): readonly Listener[] {
  return loadBalancer.listeners.filter((listener) => !servedByHaproxy(listener));
}

/** A unified diff for each file that differs. */
function patchesBetween(
  before: readonly (readonly [Amphora, Files])[],
  after: readonly (readonly [Amphora, Files])[],
): readonly string[] {
  return after.flatMap(([{ id }, files], n) =>
    Object.entries(files).flatMap(([name, text]) => {
      const old = before[n]?.[1][name] ?? '';
      if (old === text) return [];
      const [from, to] = [`a/${id}/${name}`, `b/${id}/${name}`];
      return [
        createTwoFilesPatch(from, to, old, text, undefined, undefined, { headerOptions: FILE_HEADERS_ONLY }),
      ];
    }),
  );
}

/** The amphorae of the file, or those that a lab would have. */
function amphoraeOf(loadBalancer: LoadBalancer, addresses: AddressPlan): readonly Amphora[] {
  const roles =
    loadBalancer.topology === 'SINGLE' ? (['STANDALONE'] as const) : (['MASTER', 'BACKUP'] as const);
  const given =
    loadBalancer.amphorae ??
    amphoraAddresses(addresses, roles.length).map((vrrp_ip, n) => ({
      id: `${`${n + 1}`.repeat(8)}-0000-4000-8000-${`${n + 1}`.repeat(12)}`,
      role: roles[n] ?? 'BACKUP',
      vrrp_ip,
      vrrp_priority: undefined,
    }));
  return given.map(({ id, role, vrrp_ip, vrrp_priority }) => ({
    id,
    role,
    compute_id: '',
    lb_network_ip: '',
    agent_url: '',
    vrrp_ip,
    ha_ip: addresses.vip.ip_address,
    vrrp_port_id: '',
    vrrp_priority: vrrp_priority ?? (role === 'STANDALONE' ? 0 : VRRP_PRIORITY[role]),
    vrrp_interface: 'eth1',
  }));
}
