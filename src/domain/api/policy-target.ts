import type { L7Policy } from '../load-balancer.ts';
import { refuse } from '../schema/invalid.ts';

/** A policy's action on a request, and its target. */
export type Target = Pick<
  L7Policy,
  'action' | 'redirect_pool_id' | 'redirect_url' | 'redirect_prefix' | 'redirect_http_code'
>;

const NEEDED = {
  REJECT: undefined,
  REDIRECT_TO_URL: 'redirect_url',
  REDIRECT_PREFIX: 'redirect_prefix',
  REDIRECT_TO_POOL: 'redirect_pool_id',
} as const;

/**
 * A policy has what its action needs, and nothing else; where a target stands that the action does not have, it is
 * the target that counts (octavia/common/validate.py, sanitize_l7policy_api_args).
 *
 * @param given of an update, what it says; the action is the one from before where it says none
 * @throws InvalidLoadBalancer
 */
export function targetOf(given: Target, place: string): Target {
  const { action, redirect_http_code } = given;
  const at = (field: string) => (place ? `${place}.${field}` : field);
  const needed = NEEDED[action];
  if (needed && !given[needed]) {
    refuse(at(needed.replace(/_id$/, '')), `is missing; the action ${action} needs it`);
  }
  const pool = action === 'REJECT' || action === 'REDIRECT_TO_URL' ? undefined : given.redirect_pool_id;
  const url = action === 'REJECT' || action === 'REDIRECT_TO_POOL' ? undefined : given.redirect_url;
  const prefix = given.redirect_prefix;
  if (pool && (url || prefix)) {
    refuse(at(url ? 'redirect_url' : 'redirect_prefix'), 'cannot stand beside a redirect_pool');
  }
  const nowhere = {
    redirect_pool_id: undefined,
    redirect_url: undefined,
    redirect_prefix: undefined,
    redirect_http_code: undefined,
  };
  const code = { redirect_http_code: redirect_http_code ?? 302 } as const;
  if (pool) return { ...nowhere, action: 'REDIRECT_TO_POOL', redirect_pool_id: pool };
  if (url) return { ...nowhere, ...code, action: 'REDIRECT_TO_URL', redirect_url: url };
  if (prefix) return { ...nowhere, ...code, action: 'REDIRECT_PREFIX', redirect_prefix: prefix };
  return { ...nowhere, action };
}
