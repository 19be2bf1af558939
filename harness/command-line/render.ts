import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Amphora, VRRP_PRIORITY } from '../../src/domain/amphora.ts';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { renderHaproxy } from '../../src/templates/haproxy.ts';
import { renderKeepalived } from '../../src/templates/keepalived.ts';
import { PATHS } from '../../src/templates/paths.ts';
import { peerName } from '../../src/templates/peer-name.ts';
import { haproxyUnit, keepalivedUnit, netnsUnit } from '../../src/templates/units.ts';
import { ADDRESSES, amphoraAddress } from '../lab/addresses.ts';
import { readLoadBalancer } from '../lab/load-balancer.ts';
import { EXIT } from './errors.ts';

const UPSTREAM_LIMIT_NOFILE = 2_097_152;

/** `render`: what would be uploaded, one folder an amphora, without an engine. */
export async function render(options: {
  readonly loadBalancer: string;
  readonly out: string;
}): Promise<number> {
  const loadBalancer = await readLoadBalancer(options.loadBalancer);
  const vip = {
    ip_address: loadBalancer.vip_address ?? ADDRESSES.vip,
    port_id: '',
    subnet_cidr: ADDRESSES.vipSubnet,
    gateway_ip: ADDRESSES.gateway,
    host_routes: [],
  };
  const pair = loadBalancer.topology === 'ACTIVE_STANDBY';
  const roles = pair ? (['MASTER', 'BACKUP'] as const) : (['STANDALONE'] as const);
  const amphorae = roles.map(
    (role, n): Amphora => ({
      id: `${n + 1}`.repeat(8).concat('-0000-4000-8000-', `${n + 1}`.repeat(12)),
      role,
      compute_id: '',
      lb_network_ip: '',
      agent_url: '',
      vrrp_ip: amphoraAddress(n + 1),
      ha_ip: vip.ip_address,
      vrrp_port_id: '',
      vrrp_priority: role === 'STANDALONE' ? 0 : VRRP_PRIORITY[role],
      vrrp_interface: 'eth1',
    }),
  );
  const { id } = loadBalancer;
  for (const [n, amphora] of amphorae.entries()) {
    const folder = join(options.out, `amphora-${n + 1}`);
    await mkdir(folder, { recursive: true });
    const group = {
      vrrp_group_name: id.replaceAll('-', ''),
      vrrp_auth_pass: peerName(id).slice(0, 7),
      advert_int: DEFAULT_SETTINGS.keepalived_vrrp.vrrp_advert_int,
    };
    const files: Record<string, string> = {
      'haproxy.cfg': renderHaproxy({
        loadBalancer,
        listeners: loadBalancer.listeners,
        id,
        vipAddress: vip.ip_address,
        amphorae,
        settings: DEFAULT_SETTINGS,
        certificatePath: (reference) => `${PATHS.certificates(id)}/${peerName(reference)}.pem`,
      }),
      [`haproxy-${id}.service`]: haproxyUnit({
        id,
        peer: peerName(amphora.id),
        limitNofile: UPSTREAM_LIMIT_NOFILE,
      }),
      ...(pair && {
        'octavia-keepalived.conf': renderKeepalived({
          amphora,
          amphorae,
          vip,
          group,
          settings: DEFAULT_SETTINGS,
        }),
        'octavia-keepalived.service': keepalivedUnit(),
        'amphora-netns.service': netnsUnit(),
      }),
    };
    await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)));
    process.stdout.write(`${folder}: ${Object.keys(files).join(', ')}\n`);
  }
  return EXIT.ok;
}
