import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vrrpGroup } from '../../../src/controller/vrrp-group.ts';
import { type AddressPlan, addressPlan, amphoraAddresses } from '../../../src/domain/address-plan.ts';
import { type Amphora, VRRP_PRIORITY } from '../../../src/domain/amphora.ts';
import type { LoadBalancer } from '../../../src/domain/load-balancer.ts';
import { servedByHaproxy } from '../../../src/domain/protocol.ts';
import { DEFAULT_SETTINGS, type Profile, type Settings } from '../../../src/domain/settings.ts';
import { connectionsWithin } from '../../../src/driver/connection-limit.ts';

import { processesOf, renderProcess } from '../../../src/driver/haproxy-process.ts';
import { renderKeepalived } from '../../../src/templates/keepalived.ts';
import { renderLvs } from '../../../src/templates/lvs.ts';
import { PATHS } from '../../../src/templates/paths.ts';
import { peerName } from '../../../src/templates/peer-name.ts';
import {
  haproxyUnit,
  keepalivedUnit,
  lvsUnit,
  netnsUnit,
  UPSTREAM_LIMIT_NOFILE,
} from '../../../src/templates/units.ts';
import { readLoadBalancer } from '../../lab/load-balancer.ts';
import { LAB_DEFAULTS } from '../../lab/subnets.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { hardFileLimit } from '../file-limit.ts';
import { loadBalancer, profile, takes } from '../options.ts';
import { fromUser, makeNamedFolder } from '../places.ts';

export interface RenderOptions {
  readonly loadBalancer: string;
  readonly out: string;
  readonly profile: Profile;
  /** One haproxy.cfg for each listener, as in Rocky. */
  readonly split?: boolean;
  readonly fitMachine?: boolean;
}

/** What all files of a load balancer are made from. */
interface Plan {
  readonly loadBalancer: LoadBalancer;
  readonly amphorae: readonly Amphora[];
  readonly addresses: AddressPlan;
  readonly settings: Settings;
  readonly limitNofile: number;
  readonly split: boolean;
}

/** A file's content by its name. */
type Files = Readonly<Record<string, string>>;

export const group: Group = 'Look inside';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('render')
    .description('Writes the configurations that a lab would upload, a folder for each amphora.')
    .addOption(loadBalancer({}).makeOptionMandatory())
    .addOption(takes('--out <folder>', 'Writes below this folder.', {}).makeOptionMandatory())
    .addOption(profile())
    .option('--split', 'Writes a haproxy.cfg for each listener, as in Rocky.')
    .option('--fit-machine', "Applies this machine's limit of open files.")
    .example('npm run render -- --load-balancer examples/load-balancer.json --out rendered')
    .action(async (options) => finish(await render(options)));
}

/** `render`: writes the files that would be uploaded, a folder for each amphora, without an engine. */
export async function render(options: RenderOptions): Promise<number> {
  const loadBalancer = await readLoadBalancer(fromUser(options.loadBalancer));
  const fileLimit = options.fitMachine ? await hardFileLimit() : Number.POSITIVE_INFINITY;
  const addresses = addressPlan(loadBalancer, LAB_DEFAULTS);
  const plan: Plan = {
    loadBalancer,
    amphorae: amphoraeOf(loadBalancer, addresses),
    addresses,
    settings: {
      ...DEFAULT_SETTINGS,
      profile: options.profile,
      haproxy_maxconn: Math.min(DEFAULT_SETTINGS.haproxy_maxconn, connectionsWithin(fileLimit)),
    },
    limitNofile: Math.min(UPSTREAM_LIMIT_NOFILE[options.profile], fileLimit),
    split: options.split ?? false,
  };
  for (const amphora of plan.amphorae) {
    const folder = join(fromUser(options.out), amphora.id);
    const files = filesOf(plan, amphora);
    makeNamedFolder(folder, '--out');
    await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
    process.stdout.write(`${folder}: ${Object.keys(files).join(', ')}\n`);
  }
  return EXIT.ok;
}

/** All files of an amphora, by name. */
function filesOf(plan: Plan, amphora: Amphora): Files {
  const pair = plan.loadBalancer.topology === 'ACTIVE_STANDBY';
  return {
    ...haproxyFiles(plan, amphora),
    ...lvsFiles(plan),
    ...(pair && keepalivedFiles(plan, amphora)),
    'amphora-netns.service': netnsUnit(),
  };
}

function keepalivedFiles({ loadBalancer, amphorae, addresses, settings }: Plan, amphora: Amphora): Files {
  const configuration = renderKeepalived({
    amphora,
    amphorae,
    vip: addresses.vip,
    additionalVips: addresses.additionalVips,
    group: vrrpGroup(loadBalancer.id, settings),
    settings,
  });
  return {
    'keepalived.conf': configuration,
    'octavia-keepalived.service': keepalivedUnit(settings.profile),
  };
}

function haproxyFiles(plan: Plan, amphora: Amphora): Files {
  const { loadBalancer, amphorae, addresses, settings, limitNofile, split } = plan;
  const served = { loadBalancer, vipAddress: addresses.vip.ip_address, amphorae, settings };
  return Object.fromEntries(
    processesOf(loadBalancer, split ? '0.5' : '1.0').flatMap((process) => [
      [split ? `haproxy-${process.id}.cfg` : 'haproxy.cfg', renderProcess(served, process)],
      [
        `haproxy-${process.id}.service`,
        haproxyUnit({ id: process.id, peer: peerName(amphora.id), limitNofile }),
      ],
    ]),
  );
}

function lvsFiles({ loadBalancer, addresses, settings }: Plan): Files {
  const listeners = loadBalancer.listeners.filter((listener) => !servedByHaproxy(listener));
  return Object.fromEntries(
    listeners.flatMap((listener) => {
      const { name } = PATHS.lvs.of(listener.id);
      return [
        [`${name}.conf`, renderLvs({ loadBalancer, listener, vipAddress: addresses.vip.ip_address })],
        [`${name}.service`, lvsUnit(listener.id, settings.profile)],
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
