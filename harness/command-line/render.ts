import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vrrpGroup } from '../../src/controller/controller.ts';
import { type Amphora, VRRP_PRIORITY } from '../../src/domain/amphora.ts';
import type { LoadBalancer } from '../../src/domain/load-balancer.ts';
import { DEFAULT_SETTINGS, type Profile, type Settings } from '../../src/domain/settings.ts';
import { renderHaproxy } from '../../src/templates/haproxy.ts';
import { renderKeepalived } from '../../src/templates/keepalived.ts';
import { PATHS } from '../../src/templates/paths.ts';
import { peerName } from '../../src/templates/peer-name.ts';
import { haproxyUnit, keepalivedUnit, netnsUnit, UPSTREAM_LIMIT_NOFILE } from '../../src/templates/units.ts';
import { ADDRESSES, amphoraAddress } from '../lab/addresses.ts';
import { connectionsWithin } from '../lab/limits.ts';
import { readLoadBalancer } from '../lab/load-balancer.ts';
import { EXIT } from './errors.ts';

export interface RenderOptions {
  readonly loadBalancer: string;
  readonly out: string;
  readonly profile: Profile;
  /** One haproxy.cfg for each listener, as in Rocky. */
  readonly split?: boolean;
  readonly fitMachine?: boolean;
}

/** `render`: what would be uploaded, one folder an amphora, without an engine. */
export async function render(options: RenderOptions): Promise<number> {
  const loadBalancer = await readLoadBalancer(options.loadBalancer);
  const fileLimit = options.fitMachine ? await hardFileLimit() : Number.POSITIVE_INFINITY;
  const settings: Settings = {
    ...DEFAULT_SETTINGS,
    profile: options.profile,
    haproxy_maxconn: Math.min(DEFAULT_SETTINGS.haproxy_maxconn, connectionsWithin(fileLimit)),
  };
  const limitNofile = Math.min(UPSTREAM_LIMIT_NOFILE, fileLimit);
  const amphorae = amphoraeOf(loadBalancer);
  for (const amphora of amphorae) {
    const folder = join(options.out, amphora.id);
    const files = {
      ...haproxyFiles(loadBalancer, amphora, amphorae, settings, options.split ?? false, limitNofile),
      ...(loadBalancer.topology === 'ACTIVE_STANDBY' &&
        keepalivedFiles(loadBalancer, amphora, amphorae, settings)),
    };
    await mkdir(folder, { recursive: true });
    await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
    process.stdout.write(`${folder}: ${Object.keys(files).join(', ')}\n`);
  }
  return EXIT.ok;
}

function keepalivedFiles(
  loadBalancer: LoadBalancer,
  amphora: Amphora,
  amphorae: readonly Amphora[],
  settings: Settings,
): Record<string, string> {
  const vip = {
    ip_address: amphora.ha_ip,
    port_id: '',
    subnet_cidr: ADDRESSES.vipSubnet,
    gateway_ip: ADDRESSES.gateway,
    ...loadBalancer.subnet,
  };
  const group = vrrpGroup(loadBalancer.id, settings);
  return {
    'keepalived.conf': renderKeepalived({ amphora, amphorae, vip, group, settings }),
    'octavia-keepalived.service': keepalivedUnit(),
    'amphora-netns.service': netnsUnit(),
  };
}

function haproxyFiles(
  loadBalancer: LoadBalancer,
  amphora: Amphora,
  amphorae: readonly Amphora[],
  settings: Settings,
  split: boolean,
  limitNofile: number,
): Record<string, string> {
  const { listeners } = loadBalancer;
  const processes = split
    ? listeners.map((listener) => ({
        id: listener.id,
        file: `haproxy-${listener.id}.cfg`,
        served: [listener],
      }))
    : [{ id: loadBalancer.id, file: 'haproxy.cfg', served: listeners }];
  return Object.fromEntries(
    processes.flatMap(({ id, file, served }) => [
      [
        file,
        renderHaproxy({
          loadBalancer,
          listeners: served,
          id,
          vipAddress: amphora.ha_ip,
          amphorae,
          settings,
          certificatePath: (reference) => `${PATHS.certificates(id)}/${peerName(reference)}.pem`,
        }),
      ],
      [`haproxy-${id}.service`, haproxyUnit({ id, peer: peerName(amphora.id), limitNofile })],
    ]),
  );
}

/** Those that the file names, or two with the addresses of a lab. */
function amphoraeOf(loadBalancer: LoadBalancer): readonly Amphora[] {
  const roles =
    loadBalancer.topology === 'SINGLE' ? (['STANDALONE'] as const) : (['MASTER', 'BACKUP'] as const);
  const given =
    loadBalancer.amphorae ??
    roles.map((role, n) => ({
      id: `${`${n + 1}`.repeat(8)}-0000-4000-8000-${`${n + 1}`.repeat(12)}`,
      role,
      vrrp_ip: amphoraAddress(n + 1),
      vrrp_priority: undefined,
    }));
  return given.map(({ id, role, vrrp_ip, vrrp_priority }) => ({
    id,
    role,
    compute_id: '',
    lb_network_ip: '',
    agent_url: '',
    vrrp_ip,
    ha_ip: loadBalancer.vip_address ?? ADDRESSES.vip,
    vrrp_port_id: '',
    vrrp_priority: vrrp_priority ?? (role === 'STANDALONE' ? 0 : VRRP_PRIORITY[role]),
    vrrp_interface: 'eth1',
  }));
}

async function hardFileLimit(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? UPSTREAM_LIMIT_NOFILE);
}
