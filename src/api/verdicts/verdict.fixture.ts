/**
 * What upstream's API answers to requests that its types and validators judge, each asked of a load balancer with all
 * kinds of objects (octavia/api/v2/types, octavia/api/v2/controllers, octavia/common/validate.py). The statuses are
 * those of Octavia's own API server, of August 2026, to the very same requests.
 */
export interface Verdict {
  readonly rule: string;
  readonly method: 'POST' | 'PUT' | 'GET' | 'DELETE';
  /** Below /v2/lbaas; `{name}` stands for the id of an object of the world. */
  readonly path: string;
  readonly body?: object;
  readonly status: number;
  /** Where this controller differs on purpose: its status, and the reason. */
  readonly differs?: { readonly status: number; readonly reason: string };
}

export type Values = Readonly<Record<string, unknown>>;

export const SUBNET = 'd4af86e1-0051-488c-b7a0-527f97490c9a';
export const OTHER_SUBNET = '3ca40b2e-c286-4e53-bdb9-dd01c8a0ad6d';
export const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let port = 1000;

export const listener = (
  rule: string,
  values: Values,
  status: number,
  more: Partial<Verdict> = {},
): Verdict => ({
  rule,
  method: 'POST',
  path: 'listeners',
  body: { listener: { loadbalancer_id: '{lb}', protocol: 'HTTP', protocol_port: port++, ...values } },
  status,
  ...more,
});
export const pool = (rule: string, values: Values, status: number, more: Partial<Verdict> = {}): Verdict => ({
  rule,
  method: 'POST',
  path: 'pools',
  body: { pool: { loadbalancer_id: '{lb}', protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', ...values } },
  status,
  ...more,
});
export const member = (
  rule: string,
  values: Values,
  status: number,
  more: Partial<Verdict> = {},
): Verdict => ({
  rule,
  method: 'POST',
  path: 'pools/{plain}/members',
  body: { member: { address: '192.0.2.77', protocol_port: port++, ...values } },
  status,
  ...more,
});
/** Each on a pool of its own is no more than its validation: those that pass have a body of their own. */
export const monitor = (
  rule: string,
  values: Values,
  status: number,
  more: Partial<Verdict> = {},
): Verdict => ({
  rule,
  method: 'POST',
  path: 'healthmonitors',
  body: {
    healthmonitor: { pool_id: '{streams}', type: 'HTTP', delay: 5, timeout: 3, max_retries: 2, ...values },
  },
  status,
  ...more,
});
export const policy = (
  rule: string,
  values: Values,
  status: number,
  more: Partial<Verdict> = {},
): Verdict => ({
  rule,
  method: 'POST',
  path: 'l7policies',
  body: { l7policy: { listener_id: '{http}', action: 'REJECT', ...values } },
  status,
  ...more,
});
export const l7rule = (
  rule: string,
  values: Values,
  status: number,
  more: Partial<Verdict> = {},
): Verdict => ({
  rule,
  method: 'POST',
  path: 'l7policies/{policy}/rules',
  body: { rule: { type: 'PATH', compare_type: 'STARTS_WITH', value: '/x', ...values } },
  status,
  ...more,
});
export const loadBalancer = (
  rule: string,
  values: Values,
  status: number,
  more: Partial<Verdict> = {},
): Verdict => ({
  rule,
  method: 'POST',
  path: 'loadbalancers',
  body: { loadbalancer: { project_id: 'p1', vip_subnet_id: SUBNET, ...values } },
  status,
  ...more,
});
export const put = (
  rule: string,
  path: string,
  body: object,
  status: number,
  more: Partial<Verdict> = {},
): Verdict => ({
  rule,
  method: 'PUT',
  path,
  body,
  status,
  ...more,
});
export const get = (rule: string, path: string, status: number, more: Partial<Verdict> = {}): Verdict => ({
  rule,
  method: 'GET',
  path,
  status,
  ...more,
});

export const nestedPool = { name: 'p', protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' };
export const nested = (values: Values) => ({ protocol: 'HTTP', protocol_port: 80, ...values });
