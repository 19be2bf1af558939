import { vrrpGroup } from '../controller/vrrp-group.ts';
import { addressPlan, amphoraAddresses } from '../domain/address-plan.ts';
import { type Amphora, VRRP_PRIORITY } from '../domain/amphora.ts';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { DEFAULT_SETTINGS } from '../domain/settings.ts';
import { processesOf, renderProcess, tlsFiles } from '../driver/haproxy-process.ts';
import { renderKeepalived } from '../templates/keepalived.ts';
import { peerName } from '../templates/peer-name.ts';
import {
  checkScript,
  haproxyUnit,
  keepalivedUnit,
  lvsUnit,
  UPSTREAM_LIMIT_NOFILE,
} from '../templates/units.ts';
import { LOAD_BALANCERS } from './load-balancers.fixture.ts';

const SUBNETS = { vip: '172.16.1.10', subnets: [{ subnet_cidr: '172.16.1.0/24', gateway_ip: '172.16.1.1' }] };
const PROJECT = '5f1d2ecb-8d5c-4c6b-a1b6-2b2f0c6a1f11';

/** A load balancer with all that upstream's renderers and ours are given. */
export interface GoldenCase {
  readonly name: string;
  readonly loadBalancer: ReturnType<typeof parseLoadBalancer>;
  readonly vip: ReturnType<typeof addressPlan>['vip'];
  readonly additionalVips: ReturnType<typeof addressPlan>['additionalVips'];
  readonly amphorae: readonly Amphora[];
  readonly group: ReturnType<typeof vrrpGroup>;
  /** Names of files in the amphora, by the references that stand for them. */
  readonly files: Readonly<Record<string, string>>;
}

/** Whose units upstream's agent and ours write. */
export const GOLDEN_UNITS = {
  name: 'units',
  loadBalancer: '10000000-0000-4000-8000-000000000001',
  listener: '20000000-0000-4000-8000-000000000002',
  amphora: '30000000-0000-4000-8000-000000000003',
} as const;

/** What our agent writes for them where nothing limits open files, by the files' names. */
export function renderedUnits(): Readonly<Record<string, string>> {
  const { loadBalancer: id, listener, amphora } = GOLDEN_UNITS;
  return {
    'octavia-keepalived.service': keepalivedUnit(),
    'octavia-keepalivedlvs.service': lvsUnit(listener),
    'haproxy.service': haproxyUnit({
      id,
      peer: peerName(amphora),
      limitNofile: UPSTREAM_LIMIT_NOFILE.current,
    }),
    'check_script.sh': checkScript(),
  };
}

export function goldenCases(): readonly GoldenCase[] {
  return Object.entries(LOAD_BALANCERS).map(([name, given]) => {
    const loadBalancer = parseLoadBalancer({ project_id: PROJECT, ...given });
    const { vip, additionalVips, ...rest } = addressPlan(loadBalancer, SUBNETS);
    const roles =
      loadBalancer.topology === 'SINGLE' ? (['STANDALONE'] as const) : (['MASTER', 'BACKUP'] as const);
    const addresses = amphoraAddresses({ vip, additionalVips, ...rest }, roles.length);
    const amphorae = roles.map(
      (role, n): Amphora => ({
        ...{ id: `${`${n + 1}`.repeat(8)}-0000-4000-8000-${`${n + 1}`.repeat(12)}`, role },
        ...{ compute_id: '', lb_network_ip: '', agent_url: '', ha_ip: vip.ip_address, vrrp_port_id: '' },
        ...{ vrrp_ip: addresses[n] ?? '', vrrp_interface: 'eth1' },
        vrrp_priority: role === 'STANDALONE' ? 0 : VRRP_PRIORITY[role],
      }),
    );
    const [process] = processesOf(loadBalancer, '1.0');
    const references = process ? tlsFiles(loadBalancer, process) : [];
    const files = Object.fromEntries(
      references.flatMap((file) => ('reference' in file ? [[file.reference, file.file]] : [])),
    );
    const group = vrrpGroup(loadBalancer.id, DEFAULT_SETTINGS);
    return { name, loadBalancer, vip, additionalVips, amphorae, group, files };
  });
}

/** What we render of it, by the files' names. */
export function rendered({
  loadBalancer,
  vip,
  additionalVips,
  amphorae,
  group,
}: GoldenCase): Readonly<Record<string, string>> {
  const [amphora] = amphorae;
  const [process] = processesOf(loadBalancer, '1.0');
  const settings = DEFAULT_SETTINGS;
  const served = { loadBalancer, vipAddress: vip.ip_address, amphorae, settings };
  return {
    ...(process && { 'haproxy.cfg': renderProcess(served, process) }),
    ...(loadBalancer.topology === 'ACTIVE_STANDBY' &&
      amphora && {
        'keepalived.conf': renderKeepalived({ amphora, amphorae, vip, additionalVips, group, settings }),
      }),
  };
}
