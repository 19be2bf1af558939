import type { HealthMonitor, LoadBalancer, Member, Pool } from '../load-balancer.ts';
import { ipVersion } from '../schema/address.ts';
import { Conflict, refuse, Unsupported } from '../schema/invalid.ts';

const LVS_MONITORS = ['UDP-CONNECT', 'SCTP', 'TCP', 'HTTP'];
const HAPROXY_MONITORS = ['HTTP', 'HTTPS', 'TCP', 'PING', 'TLS-HELLO'];
/** Section [api_settings], udp_connect_min_interval_health_monitor; in seconds. */
const UDP_CONNECT_MIN_DELAY_S = 3;
/** Section [networking], reserved_ips: the metadata service of clouds. */
const RESERVED_ADDRESS = '169.254.169.254';

/**
 * A pool with all that stands in it (octavia/api/v2/controllers/pool.py, member.py and health_monitor.py).
 *
 * @param place empty where the request is for the pool alone
 * @throws InvalidLoadBalancer
 */
export function refusePool(loadBalancer: LoadBalancer, pool: Pool, place: string): void {
  const at = (field: string) => (place ? `${place}.${field}` : field);
  refusePersistence(pool, at('session_persistence'));
  if (pool.crl_container_ref && !pool.ca_tls_container_ref) {
    refuse(at('ca_tls_container_ref'), 'is missing; crl_container_ref needs it');
  }
  for (const [n, member] of pool.members.entries()) {
    refuseMember(loadBalancer, pool, member, `${at('members')}[${n}]`);
  }
  if (pool.healthmonitor) refuseMonitor(pool, pool.healthmonitor, at('healthmonitor'));
}

function isLvs({ protocol }: Pool): boolean {
  return protocol === 'UDP' || protocol === 'SCTP';
}

/** octavia/common/validate.py, check_session_persistence; pool.py, _validate_pool_request_for_udp_sctp. */
function refusePersistence(pool: Pool, place: string): void {
  const persistence = pool.session_persistence;
  if (!persistence) return;
  const { type, cookie_name, persistence_timeout, persistence_granularity } = persistence;
  if (isLvs(pool) && type !== 'SOURCE_IP') {
    refuse(`${place}.type`, `must be SOURCE_IP in a pool of ${pool.protocol}; found ${type}`);
  }
  if (!isLvs(pool) && (persistence_timeout || persistence_granularity)) {
    refuse(place, 'only UDP and SCTP pools have a timeout and a granularity');
  }
  if (type === 'APP_COOKIE' && !cookie_name) {
    refuse(`${place}.cookie_name`, 'is missing; APP_COOKIE persistence needs it');
  }
  if (type !== 'APP_COOKIE' && cookie_name) {
    refuse(`${place}.cookie_name`, `only APP_COOKIE persistence has it; this one is ${type}`);
  }
}

/** @throws Conflict where a member before it listens at the same place */
export function refuseMember(loadBalancer: LoadBalancer, pool: Pool, member: Member, place: string): void {
  const at = (field: string) => (place ? `${place}.${field}` : field);
  const { id, address, protocol_port, request_sriov } = member;
  if (address === RESERVED_ADDRESS) refuse(at('address'), `${address} is reserved`);
  if (request_sriov) refuse(at('request_sriov'), 'no flavor here allows SR-IOV ports; it must be false');
  const vips = [
    loadBalancer.vip_address,
    ...loadBalancer.additional_vips.map((vip) => vip.ip_address),
  ].filter((vip) => vip !== undefined);
  if (isLvs(pool) && vips.length > 0 && !vips.some((vip) => ipVersion(vip) === ipVersion(address))) {
    throw new Unsupported(
      `${at('address')}: in a pool of ${pool.protocol} it must be of the IP version of a VIP; found ${address}`,
    );
  }
  const before = pool.members.slice(
    0,
    pool.members.findIndex((entry) => entry.id === id),
  );
  if (before.some((other) => other.address === address && other.protocol_port === protocol_port)) {
    throw new Conflict(
      `${at('address')}: another member of the pool is at ${address}, port ${protocol_port}`,
    );
  }
}

export function refuseMonitor(pool: Pool, monitor: HealthMonitor, place: string): void {
  const at = (field: string) => (place ? `${place}.${field}` : field);
  const allowed = isLvs(pool) ? LVS_MONITORS : HAPROXY_MONITORS;
  const { type, delay, expected_codes, domain_name, http_version } = monitor;
  if (!allowed.includes(type)) {
    refuse(at('type'), `must be one of ${allowed.join(', ')} in a pool of ${pool.protocol}; found ${type}`);
  }
  if (type === 'UDP-CONNECT' && delay < UDP_CONNECT_MIN_DELAY_S) {
    refuse(at('delay'), `must be at least ${UDP_CONNECT_MIN_DELAY_S} for UDP-CONNECT; found ${delay}`);
  }
  const [low, high] = expected_codes.split('-').map(Number);
  if (low !== undefined && high !== undefined && low > high) {
    refuse(at('expected_codes'), `must rise; found ${expected_codes}`);
  }
  if (domain_name && http_version !== 1.1) {
    refuse(at('http_version'), 'must be 1.1 where there is a domain_name');
  }
}
