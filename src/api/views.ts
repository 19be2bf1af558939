import { type AmphoraRecord, type Deployment, members, type ObjectStatus } from '../controller/deployment.ts';
import { type ObjectKind, objectsOf } from '../controller/objects.ts';

/** JSON as Octavia's API v2 answers it (octavia/api/v2/types); what was never set is null there. */
type View = Readonly<Record<string, unknown>>;

const SHOWN: Readonly<Record<ObjectKind, readonly string[]>> = {
  listener: [
    ...['name', 'admin_state_up', 'protocol', 'protocol_port', 'connection_limit', 'default_pool_id'],
    ...['default_tls_container_ref', 'sni_container_refs', 'insert_headers', 'allowed_cidrs'],
    ...['client_ca_tls_container_ref', 'client_authentication', 'client_crl_container_ref'],
    ...['timeout_client_data', 'timeout_member_connect', 'timeout_member_data', 'timeout_tcp_inspect'],
    ...['tls_ciphers', 'tls_versions', 'alpn_protocols'],
    ...['hsts_max_age', 'hsts_include_subdomains', 'hsts_preload'],
  ],
  pool: [
    ...['name', 'admin_state_up', 'protocol', 'lb_algorithm', 'session_persistence'],
    ...['tls_enabled', 'tls_container_ref', 'ca_tls_container_ref', 'crl_container_ref'],
    ...['tls_ciphers', 'tls_versions', 'alpn_protocols'],
  ],
  member: [
    ...['name', 'admin_state_up', 'address', 'protocol_port', 'weight', 'backup'],
    ...['monitor_address', 'monitor_port'],
  ],
  healthmonitor: [
    ...['name', 'admin_state_up', 'type', 'delay', 'timeout', 'max_retries', 'max_retries_down'],
    ...['http_method', 'url_path', 'expected_codes', 'http_version', 'domain_name'],
  ],
  l7policy: [
    ...['name', 'admin_state_up', 'action', 'position', 'redirect_pool_id', 'redirect_url'],
    ...['redirect_prefix', 'redirect_http_code'],
  ],
  l7rule: ['admin_state_up', 'type', 'compare_type', 'key', 'value', 'invert'],
};

export function loadBalancerView(deployment: Deployment): View {
  const { loadBalancer, vip, provisioning_status, operating_status, createdAt, updatedAt } = deployment;
  const { id, name, admin_state_up, listeners, pools } = loadBalancer;
  return {
    ...{ id, name, admin_state_up, provisioning_status, operating_status },
    ...{ created_at: createdAt, updated_at: updatedAt, provider: 'octavia' },
    ...{ vip_address: vip.ip_address, vip_port_id: vip.port_id || null },
    additional_vips: loadBalancer.additional_vips.map(({ ip_address }) => ({ ip_address })),
    listeners: listeners.map(idOnly),
    pools: pools.map(idOnly),
  };
}

/** An object with its statuses, and those that it stands in and that stand in it. */
export function objectView(deployment: Deployment, id: string): View {
  const { loadBalancer, statuses } = deployment;
  const object = objectsOf(loadBalancer).find((known) => known.id === id);
  if (!object) throw new Error(`Load balancer ${loadBalancer.id} has no object ${id}.`);
  const value = object.value as Readonly<Record<string, unknown>>;
  return {
    id,
    ...Object.fromEntries(SHOWN[object.kind].map((field) => [field, value[field] ?? null])),
    ...statusesOf(statuses[id]),
    ...relations(deployment, object.kind, id),
  };
}

function relations({ loadBalancer }: Deployment, kind: ObjectKind, id: string): View {
  const loadbalancers = [idOnly(loadBalancer)];
  switch (kind) {
    case 'listener': {
      const listener = loadBalancer.listeners.find((known) => known.id === id);
      return { loadbalancers, l7policies: listener?.l7policies.map(idOnly) ?? [] };
    }
    case 'pool': {
      const pool = loadBalancer.pools.find((known) => known.id === id);
      const listeners = loadBalancer.listeners.filter((listener) => listener.default_pool_id === id);
      return {
        loadbalancers,
        listeners: listeners.map(idOnly),
        members: pool?.members.map(idOnly) ?? [],
        healthmonitor_id: pool?.healthmonitor?.id ?? null,
      };
    }
    case 'healthmonitor':
      return { pools: loadBalancer.pools.filter((pool) => pool.healthmonitor?.id === id).map(idOnly) };
    case 'l7policy': {
      const listener = loadBalancer.listeners.find(({ l7policies }) =>
        l7policies.some((policy) => policy.id === id),
      );
      const policy = listener?.l7policies.find((known) => known.id === id);
      return { listener_id: listener?.id ?? null, rules: policy?.rules.map(idOnly) ?? [] };
    }
    case 'member':
    case 'l7rule':
      return {};
  }
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
        pools: pools.filter(
          ({ id }) =>
            id === listener.default_pool_id ||
            listener.l7policies.some((policy) => policy.redirect_pool_id === id),
        ),
      })),
    },
  };
}

export function amphoraeViews(deployment: Deployment): readonly View[] {
  return members(deployment).map((amphora) => amphoraView(deployment, amphora));
}

function amphoraView({ loadBalancer, vip }: Deployment, amphora: AmphoraRecord): View {
  const { id, compute_id, lb_network_ip, vrrp_ip, ha_ip, vrrp_port_id, role, status } = amphora;
  const { vrrp_interface, vrrp_priority } = amphora;
  return {
    ...{ id, loadbalancer_id: loadBalancer.id, compute_id, lb_network_ip, vrrp_ip, ha_ip, vrrp_port_id },
    ...{ ha_port_id: vip.port_id, role, status, vrrp_interface, vrrp_id: 1, vrrp_priority },
  };
}

function statusesOf(status: ObjectStatus | undefined): View {
  const { provisioning_status, operating_status } = status ?? {};
  return { provisioning_status, operating_status };
}

function idOnly({ id }: { readonly id: string }): View {
  return { id };
}
