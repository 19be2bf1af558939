import type { LoadBalancer } from '../load-balancer.ts';
import { InvalidLoadBalancer } from './invalid.ts';
import { normalise } from './normalise.ts';
import { refuseContradictions } from './rules.ts';
import { loadBalancerSchema } from './schema.ts';
import { sentence } from './sentence.ts';

/**
 * Reads the JSON of Octavia's API v2 for a fully populated load balancer, with or without the enclosing
 * `loadbalancer`. Objects without an id get one that depends on their place alone, so that equal files
 * give equal configurations.
 *
 * @throws InvalidLoadBalancer
 */
export function parseLoadBalancer(json: unknown): LoadBalancer {
  const enclosed = json !== null && typeof json === 'object' && 'loadbalancer' in json;
  const result = loadBalancerSchema.safeParse(withoutNulls(enclosed ? json.loadbalancer : json), {
    reportInput: true,
  });
  if (!result.success) throw new InvalidLoadBalancer(sentence(result.error.issues));
  const loadBalancer = normalise(result.data);
  refuseContradictions(loadBalancer);
  return loadBalancer;
}

/** The API answers null for whatever is not set. */
function withoutNulls(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutNulls);
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, withoutNulls(value)]),
  );
}
