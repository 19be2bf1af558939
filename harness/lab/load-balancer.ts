import { readFile } from 'node:fs/promises';
import { parseLoadBalancer } from '../../src/domain/api/parse.ts';
import type { LoadBalancer } from '../../src/domain/load-balancer.ts';
import { InvalidLoadBalancer } from '../../src/domain/schema/invalid.ts';
import { ADDRESSES, addressesLike } from './addresses.ts';

/** What differs from the lab's own load balancer, in the words of Octavia's API v2. */
export interface LabLoadBalancer {
  readonly topology?: 'ACTIVE_STANDBY' | 'SINGLE';
  readonly vip_address?: string;
  /** Changes to the listener on 8080. */
  readonly listener?: Readonly<Record<string, unknown>>;
  /** Changes to its pool. */
  readonly pool?: Readonly<Record<string, unknown>>;
  /** Beside the listener on 8080. */
  readonly listeners?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** Two members on port 80, of the VIP's version of IP. */
function membersFor(vip: string) {
  return addressesLike(vip).members.map((address) => ({ address, protocol_port: ADDRESSES.memberPort }));
}

export const MEMBERS = membersFor(ADDRESSES.vip);

/** One HTTP listener on 8080 with two members, and what is asked for beside that or instead. */
export function loadBalancerOf(described: LabLoadBalancer): LoadBalancer {
  const { listener, pool, listeners = [], ...fields } = described;
  return parseLoadBalancer({
    name: 'lb1',
    vip_address: ADDRESSES.vip,
    ...fields,
    listeners: [
      {
        name: 'listener1',
        protocol: 'HTTP',
        protocol_port: 8080,
        ...listener,
        default_pool: {
          name: 'pool1',
          protocol: 'HTTP',
          members: membersFor(fields.vip_address ?? ADDRESSES.vip),
          ...pool,
        },
      },
      ...listeners,
    ],
  });
}

/** What a lab serves when nothing else is asked for. */
export function defaultLoadBalancer(): LoadBalancer {
  return loadBalancerOf({});
}

/**
 * Reads a load balancer from a file.
 *
 * @throws InvalidLoadBalancer, with the file's name before the field's
 */
export async function readLoadBalancer(file: string): Promise<LoadBalancer> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InvalidLoadBalancer(
      `${file}: ${missing ? 'there is no such file' : (cause as Error).message}`,
      { cause },
    );
  }
  try {
    return parseLoadBalancer(json);
  } catch (cause) {
    throw new InvalidLoadBalancer(`${file}: ${(cause as Error).message}`, { cause });
  }
}
