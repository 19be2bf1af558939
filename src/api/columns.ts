import type { ObjectKind } from '../domain/objects.ts';

/**
 * By what lists can be filtered and sorted: the columns of upstream's tables by the API's names
 * (octavia/common/data_models.py and the _type_to_db_map of octavia/api/v2/types).
 */
const COMMON = words(
  'id project_id provisioning_status operating_status created_at updated_at admin_state_up enabled tags',
);
const NAMED = [...COMMON, 'name'];

export const LOAD_BALANCER_COLUMNS = [
  ...NAMED,
  ...words('description topology provider flavor_id availability_zone vip_address vip_subnet_id vip_port_id'),
  ...words('vip_network_id vip_qos_policy_id vip_vnic_type vip_sg_ids server_group_id'),
];

export const COLUMNS: Readonly<Record<ObjectKind, readonly string[]>> = {
  listener: [
    ...NAMED,
    ...words('description loadbalancer_id load_balancer_id protocol protocol_port connection_limit'),
    ...words('default_pool_id default_tls_container_ref client_ca_tls_container_ref client_authentication'),
    ...words('client_crl_container_ref timeout_client_data timeout_member_connect timeout_member_data'),
    ...words('timeout_tcp_inspect tls_ciphers tls_versions alpn_protocols hsts_max_age'),
    ...words('hsts_include_subdomains hsts_preload insert_headers tls_certificate_id'),
    ...words('client_ca_tls_certificate_id client_crl_container_id'),
  ],
  pool: [
    ...NAMED,
    ...words('description loadbalancer_id load_balancer_id protocol lb_algorithm healthmonitor_id'),
    ...words('tls_container_ref ca_tls_container_ref crl_container_ref tls_enabled tls_ciphers'),
    ...words(
      'tls_versions alpn_protocols listeners tls_certificate_id ca_tls_certificate_id crl_container_id',
    ),
  ],
  member: [
    ...NAMED,
    ...words('pool_id address ip_address protocol_port weight backup subnet_id monitor_address monitor_port'),
    'vnic_type',
  ],
  healthmonitor: [
    ...NAMED,
    ...words('pool_id type delay timeout max_retries max_retries_down http_method url_path expected_codes'),
    ...words('http_version domain_name rise_threshold fall_threshold'),
  ],
  l7policy: [
    ...NAMED,
    ...words('description listener_id action redirect_pool_id redirect_url redirect_prefix position'),
    'redirect_http_code',
  ],
  l7rule: [...COMMON, ...words('l7policy_id type compare_type key value invert')],
};

export const AMPHORA_COLUMNS = words(
  `id loadbalancer_id load_balancer_id compute_id status lb_network_ip vrrp_ip ha_ip vrrp_port_id ha_port_id role
  cert_expiration cert_busy vrrp_interface vrrp_id vrrp_priority cached_zone created_at updated_at image_id
  compute_flavor project_id`,
);

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}
