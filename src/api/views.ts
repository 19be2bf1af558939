import { asksByHttp } from '../domain/api/defaults.ts';
import { type AmphoraRecord, type Deployment, members, type ObjectStatus } from '../domain/deployment.ts';
import type { HealthMonitor, L7Policy, Listener, Pool } from '../domain/load-balancer.ts';
import { type ObjectKind, objectsOf } from '../domain/objects.ts';

/** JSON as Octavia's API v2 answers it (octavia/api/v2/types); what was never set is null there. */
export type View = Readonly<Record<string, unknown>>;

const words = (text: string) => text.split(/\s+/);

/** The driver that a load balancer has where its request names none ([api_settings], default_provider_driver). */
export const DEFAULT_PROVIDER = 'amphora';

const SHOWN: Readonly<Record<ObjectKind, readonly string[]>> = {
  listener: words(`protocol protocol_port connection_limit default_tls_container_ref sni_container_refs
    default_pool_id insert_headers timeout_client_data timeout_member_connect timeout_member_data
    timeout_tcp_inspect client_ca_tls_container_ref client_authentication client_crl_container_ref tls_ciphers
    tls_versions alpn_protocols hsts_max_age`),
  pool: words(`protocol lb_algorithm tls_container_ref ca_tls_container_ref crl_container_ref tls_enabled
    tls_ciphers tls_versions alpn_protocols`),
  member: words('address protocol_port weight backup subnet_id monitor_address monitor_port'),
  healthmonitor: words('type delay timeout max_retries max_retries_down http_version domain_name'),
  l7policy: words(`action redirect_pool_id redirect_url redirect_prefix position redirect_http_code`),
  l7rule: words('type compare_type key value invert'),
};
const HAVE_DESCRIPTIONS: readonly ObjectKind[] = ['listener', 'pool', 'l7policy'];

/**
 * @param full with all that stands in it, as the answer to its creation is
 */
export function loadBalancerView(
  deployment: Deployment,
  { full = false }: { readonly full?: boolean } = {},
): View {
  const { loadBalancer, vip, provisioning_status, operating_status, createdAt, updatedAt } = deployment;
  const { id, name, description, admin_state_up, listeners, pools, project_id } = loadBalancer;
  const inner = (object: { readonly id: string }) =>
    full ? objectView(deployment, object.id, true) : idOnly(object);
  return {
    id,
    name,
    ...{ description: description ?? '', provisioning_status, operating_status, admin_state_up },
    ...projectOf(project_id),
    ...{ created_at: time(createdAt), updated_at: createdAt === updatedAt ? null : time(updatedAt) },
    vip_address: vip.ip_address || null,
    vip_port_id: vip.port_id || loadBalancer.vip_port_id || null,
    vip_subnet_id: loadBalancer.vip_subnet_id ?? null,
    vip_network_id: loadBalancer.vip_network_id ?? null,
    vip_sg_ids: loadBalancer.vip_sg_ids ?? [],
    additional_vips: loadBalancer.additional_vips.map(({ subnet_id, ip_address, port_id }) => ({
      subnet_id: subnet_id ?? null,
      ip_address,
      port_id: port_id ?? null,
    })),
    listeners: listeners.map(inner),
    pools: pools.map(inner),
    provider: loadBalancer.provider ?? DEFAULT_PROVIDER,
    flavor_id: loadBalancer.flavor_id ?? null,
    vip_qos_policy_id: loadBalancer.vip_qos_policy_id ?? null,
    tags: loadBalancer.tags ?? [],
    availability_zone: loadBalancer.availability_zone ?? null,
    vip_vnic_type: 'normal',
  };
}

/** An object with its statuses, and those that it stands in and that stand in it. */
export function objectView(deployment: Deployment, id: string, full = false): View {
  const { loadBalancer, statuses } = deployment;
  const object = objectsOf(loadBalancer).find((known) => known.id === id);
  if (!object) throw new Error(`Load balancer ${loadBalancer.id} has no object ${id}.`);
  const value = object.value as Readonly<Record<string, unknown>>;
  return {
    id,
    ...(object.kind !== 'l7rule' && { name: value.name ?? '' }),
    ...(HAVE_DESCRIPTIONS.includes(object.kind) && { description: value.description ?? '' }),
    ...statusesOf(statuses[id]),
    admin_state_up: value.admin_state_up,
    ...projectOf(loadBalancer.project_id),
    ...Object.fromEntries(SHOWN[object.kind].map((field) => [field, value[field] ?? null])),
    ...timesOf(statuses[id]),
    tags: value.tags ?? [],
    ...particulars(object.kind, object.value),
    ...relations(deployment, object.kind, id, full),
  };
}

/** What does not stand in an object as it is shown. */
function particulars(kind: ObjectKind, value: object): View {
  switch (kind) {
    case 'listener': {
      const { allowed_cidrs, hsts_include_subdomains, hsts_preload } = value as Listener;
      return {
        allowed_cidrs: allowed_cidrs?.length ? allowed_cidrs.toSorted() : null,
        hsts_include_subdomains: hsts_include_subdomains ?? false,
        hsts_preload: hsts_preload ?? false,
      };
    }
    case 'pool': {
      const { session_persistence: given } = value as Pool;
      return {
        session_persistence: given
          ? {
              type: given.type,
              cookie_name: given.cookie_name ?? null,
              persistence_timeout: given.persistence_timeout ?? null,
              persistence_granularity: given.persistence_granularity ?? null,
            }
          : null,
      };
    }
    case 'member':
      return { vnic_type: 'normal' };
    case 'healthmonitor': {
      const monitor = value as HealthMonitor;
      const { http_method, url_path, expected_codes } = monitor;
      return asksByHttp(monitor)
        ? { http_method, url_path, expected_codes }
        : { http_method: null, url_path: null, expected_codes: null };
    }
    case 'l7policy':
    case 'l7rule':
      return {};
  }
}

/** Those that an object stands in, where they are not around it; and those in it. */
function relations(deployment: Deployment, kind: ObjectKind, id: string, full: boolean): View {
  const { loadBalancer } = deployment;
  const loadbalancers = full ? {} : { loadbalancers: [idOnly(loadBalancer)] };
  const inner = (object: { readonly id: string }) =>
    full ? objectView(deployment, object.id, true) : idOnly(object);
  switch (kind) {
    case 'listener': {
      const listener = loadBalancer.listeners.find((known) => known.id === id);
      return { ...loadbalancers, l7policies: listener?.l7policies.map(inner) ?? [] };
    }
    case 'pool': {
      const pool = loadBalancer.pools.find((known) => known.id === id);
      const monitor = pool?.healthmonitor;
      return {
        ...loadbalancers,
        listeners: listenersOf(deployment, id).map(idOnly),
        members: pool?.members.map(inner) ?? [],
        ...(full
          ? monitor && { healthmonitor: objectView(deployment, monitor.id, true) }
          : { healthmonitor_id: monitor?.id ?? null }),
      };
    }
    case 'healthmonitor':
      return full
        ? {}
        : { pools: loadBalancer.pools.filter((pool) => pool.healthmonitor?.id === id).map(idOnly) };
    case 'l7policy': {
      const listener = loadBalancer.listeners.find(({ l7policies }) =>
        l7policies.some((policy) => policy.id === id),
      );
      const policy = listener?.l7policies.find((known) => known.id === id);
      return { listener_id: listener?.id ?? null, rules: policy?.rules.map(inner) ?? [] };
    }
    case 'member':
    case 'l7rule':
      return {};
  }
}

function listenersOf({ loadBalancer }: Deployment, poolId: string): readonly Listener[] {
  return loadBalancer.listeners.filter((listener) => reaches(listener, poolId));
}

function reaches({ default_pool_id, l7policies }: Listener, poolId: string): boolean {
  const redirected = (policy: L7Policy) => policy.redirect_pool_id === poolId;
  return default_pool_id === poolId || l7policies.some(redirected);
}

/** GET /loadbalancers/{id}/status: the whole tree. */
export function statusTree({ loadBalancer, statuses, ...deployment }: Deployment): View {
  const status = (id: string, name?: string | null) => ({
    id,
    name: name ?? '',
    ...statusesOf(statuses[id]),
  });
  const pools = loadBalancer.pools.map((pool) => ({
    ...status(pool.id, pool.name),
    ...(pool.healthmonitor && {
      health_monitor: {
        ...status(pool.healthmonitor.id, pool.healthmonitor.name),
        type: pool.healthmonitor.type,
      },
    }),
    members: pool.members.map((member) => ({
      ...status(member.id, member.name),
      address: member.address,
      protocol_port: member.protocol_port,
    })),
  }));
  const { provisioning_status, operating_status } = deployment;
  return {
    loadbalancer: {
      ...{ id: loadBalancer.id, name: loadBalancer.name, provisioning_status, operating_status },
      listeners: loadBalancer.listeners.map((listener) => ({
        ...status(listener.id, listener.name),
        pools: pools.filter(({ id }) => reaches(listener, id)),
      })),
    },
  };
}

export function amphoraeViews(deployment: Deployment): readonly View[] {
  return members(deployment).map((amphora) => amphoraView(deployment, amphora));
}

function amphoraView({ loadBalancer, vip }: Deployment, amphora: AmphoraRecord): View {
  const { id, compute_id, lb_network_ip, vrrp_ip, ha_ip, vrrp_port_id, role, status } = amphora;
  const { vrrp_interface, vrrp_priority, createdAt } = amphora;
  const pair = role !== 'STANDALONE';
  return {
    ...{ id, loadbalancer_id: loadBalancer.id, compute_id, lb_network_ip, vrrp_ip, ha_ip, vrrp_port_id },
    ...{ ha_port_id: vip.port_id, cert_expiration: null, cert_busy: false, role, status },
    vrrp_interface: vrrp_interface || null,
    vrrp_id: pair ? 1 : null,
    vrrp_priority: pair ? vrrp_priority : null,
    ...{ cached_zone: null, created_at: time(createdAt), updated_at: null, image_id: null },
    compute_flavor: null,
  };
}

function statusesOf(status: ObjectStatus | undefined): View {
  const { provisioning_status, operating_status } = status ?? {};
  return { provisioning_status, operating_status };
}

function timesOf(status: ObjectStatus | undefined): View {
  return { created_at: time(status?.createdAt), updated_at: time(status?.updatedAt) };
}

/** As a database without fractions of a second gives it, in UTC. */
function time(iso: string | undefined): string | null {
  return iso?.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length) ?? null;
}

function projectOf(id: string | undefined): View {
  const project_id = id === undefined || id === '-' ? null : id;
  return { project_id, tenant_id: project_id };
}

function idOnly({ id }: { readonly id: string }): View {
  return { id };
}
