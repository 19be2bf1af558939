import type { Listener } from '../../domain/load-balancer.ts';
import { backendName, type Context, connectionLimit, EXPORTER, mode, poolsOf, section } from './context.ts';
import { policyLines } from './l7.ts';
import { strictTransportSecurity, terminationOptions } from './tls.ts';

/** A listener. Its allowed_cidrs are not here: upstream leaves them to the VIP's security group, and so does the testbed. */
export function frontend(context: Context, listener: Listener): string {
  const http = mode(listener.protocol) === 'http';
  const current = context.settings.profile === 'current';
  const terminated = listener.protocol === 'TERMINATED_HTTPS';
  const defaultPool = poolsOf(context.loadBalancer, listener).find(
    (pool) => pool.id === listener.default_pool_id,
  );
  return section(`frontend ${listener.id}`, [
    ...(current ? [] : [`option ${http ? 'httplog' : 'tcplog'}`]),
    `maxconn ${connectionLimit(listener, context.settings)}`,
    ...(terminated ? ['redirect scheme https if !{ ssl_fc }', ...strictTransportSecurity(listener)] : []),
    ...binds(context, listener),
    `mode ${mode(listener.protocol)}`,
    ...(http ? listener.l7policies.flatMap((policy) => policyLines(context, listener, policy)) : []),
    ...(defaultPool ? [`default_backend ${backendName(context, listener, defaultPool)}`] : []),
    `timeout client ${listener.timeout_client_data}`,
    ...(listener.timeout_tcp_inspect > 0
      ? [`tcp-request inspect-delay ${listener.timeout_tcp_inspect}`]
      : []),
    ...(listener.protocol === 'PROMETHEUS' ? [`default_backend ${EXPORTER}`] : []),
    ...(current ? [logFormat(context, listener)] : []),
  ]);
}

/** Each VIP; HAProxy takes an IPv6 address's last colon for the port's (configuration manual, section 4.2, bind). */
function binds(context: Context, listener: Listener): string[] {
  const options = terminationOptions(context, listener);
  return [context.vipAddress, ...context.loadBalancer.additional_vips.map((vip) => vip.ip_address)].map(
    (vip) => ['bind', `${vip}:${listener.protocol_port}`, ...options].join(' '),
  );
}

/** Upstream's user_log_format; TCP knows neither a request nor a status (octavia/common/config.py, jinja_cfg.py). */
function logFormat({ loadBalancer }: Context, { protocol }: Listener): string {
  const http = protocol === 'HTTP' || protocol === 'TERMINATED_HTTPS';
  const format = [
    ...[loadBalancer.project_id, loadBalancer.id, '%f', '%ci', '%cp', '%t', http ? '%{+Q}r' : '-'],
    ...[http ? '%ST' : '-', '%B', '%U', '%[ssl_c_verify]', '%{+Q}[ssl_c_s_dn]', '%b', '%s', '%Tt', '%tsc'],
  ];
  return `log-format ${format.join('\\ ')}`;
}
