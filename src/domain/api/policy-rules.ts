import type { L7Policy, L7Rule, Listener, LoadBalancer } from '../load-balancer.ts';
import { isCookieValue, isHeaderValue } from '../schema/http-text.ts';
import { Conflict, refuse, Unsupported } from '../schema/invalid.ts';
import { faultOfRegularExpression } from '../schema/regular-expression.ts';
import { readsRequests, refusePoolOf } from './listener-rules.ts';

/** A line of HAProxy's holds no more words (octavia/common/constants.py, MAX_L7RULES_PER_L7POLICY). */
const MAX_RULES = 50;
const SIMPLE = ['STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'EQUAL_TO'];

/** Octavia's octavia/api/v2/controllers/l7policy.py. @throws InvalidLoadBalancer */
export function refusePolicy(
  loadBalancer: LoadBalancer,
  listener: Listener,
  policy: L7Policy,
  place: string,
): void {
  const at = (field: string) => (place ? `${place}.${field}` : field);
  if (!readsRequests(listener)) {
    throw new Unsupported(
      `${at('action')}: only HTTP and TERMINATED_HTTPS listeners have policies; this one is of ${listener.protocol}`,
    );
  }
  refusePoolOf(loadBalancer, listener, policy.redirect_pool_id, at('redirect_pool'));
  refuseTooManyRules(policy, at('rules'));
  for (const [n, rule] of policy.rules.entries()) refuseRule(rule, `${at('rules')}[${n}]`);
}

export function refuseTooManyRules({ rules }: L7Policy, place: string): void {
  if (rules.length > MAX_RULES) {
    throw new Conflict(`${place}: must be at most ${MAX_RULES} rules; found ${rules.length}`);
  }
}

/** octavia/common/validate.py, l7rule_data and validate_l7rule_ssl_types. @throws InvalidLoadBalancer */
export function refuseRule(rule: L7Rule, place: string): void {
  const at = (field: string) => (place ? `${place}.${field}` : field);
  const { type, compare_type, key, value } = rule;
  const compared = (allowed: readonly string[]) => {
    if (!allowed.includes(compare_type)) {
      refuse(at('compare_type'), `must be ${oneOf(allowed)} for ${type}; found ${compare_type}`);
    }
  };
  const text = (holds: (found: string) => boolean, allowed: string) => {
    if (compare_type === 'REGEX') refuseRegularExpression(value, at('value'));
    else if (!holds(value)) refuse(at('value'), `${allowed}; found ${JSON.stringify(value)}`);
  };
  const header = () => text(isHeaderValue, 'must be one word, or stand in quotation marks');
  const keyed = type === 'HEADER' || type === 'COOKIE' || type === 'SSL_DN_FIELD';
  if (keyed && !key) refuse(at('key'), `is missing; a rule of ${type} needs it`);
  switch (type) {
    case 'HEADER':
    case 'HOST_NAME':
    case 'PATH':
      header();
      return;
    case 'FILE_TYPE':
      compared(['REGEX', 'EQUAL_TO']);
      header();
      return;
    case 'COOKIE':
      text(isCookieValue, 'must be one word without quotation marks, semicolons and backslashes');
      return;
    case 'SSL_CONN_HAS_CERT':
    case 'SSL_VERIFY_RESULT': {
      if (key) refuse(at('key'), `a rule of ${type} has none`);
      compared(['EQUAL_TO']);
      const [holds, allowed] =
        type === 'SSL_CONN_HAS_CERT' ? [/^true$/i, '"true"'] : [/^\d{1,5}$/, 'a whole number'];
      if (!holds.test(value)) refuse(at('value'), `must be ${allowed} for ${type}; found "${value}"`);
      return;
    }
    case 'SSL_DN_FIELD':
      compared(['REGEX', ...SIMPLE]);
      if (!/^[a-zA-Z][A-Za-z0-9-]*$/.test(key ?? '')) {
        refuse(at('key'), `must be the name of a field, e.g. CN; found "${key}"`);
      }
      if (compare_type === 'REGEX') refuseRegularExpression(value, at('value'));
  }
}

function refuseRegularExpression(value: string, place: string): void {
  const fault = faultOfRegularExpression(value);
  if (fault) refuse(place, `must be a regular expression; found ${JSON.stringify(value)} (${fault})`);
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`;
}
