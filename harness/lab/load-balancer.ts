import { readFile } from 'node:fs/promises';
import { InvalidLoadBalancer, type LoadBalancer, parseLoadBalancer } from '../../src/domain/load-balancer.ts';
import { ADDRESSES } from './addresses.ts';

/** What a lab serves when nothing else is asked for: one HTTP listener on 8080, two members. */
export function defaultLoadBalancer(): LoadBalancer {
  return parseLoadBalancer({
    name: 'lb1',
    vip_address: ADDRESSES.vip,
    listeners: [
      {
        name: 'listener1',
        protocol: 'HTTP',
        protocol_port: 8080,
        default_pool: {
          name: 'pool1',
          protocol: 'HTTP',
          members: ADDRESSES.members.map((address) => ({ address, protocol_port: ADDRESSES.memberPort })),
        },
      },
    ],
  });
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
