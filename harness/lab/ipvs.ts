import type { LoadBalancer } from '../../src/domain/load-balancer.ts';
import { servedByHaproxy } from '../../src/domain/protocol.ts';
import type { Fabric } from './fabric/fabric.ts';

/** Fails where the kernel has no IPVS; where it is a module, the kernel loads it by itself. */
export const IPVS_TRIAL = ['ipvsadm', '-Ln'] as const;

/** The kernel below the engine cannot serve UDP and SCTP: nothing was built. */
export class NoIpvs extends Error {
  override readonly name = 'NoIpvs';
}

/**
 * @param starting is waited for only where IPVS is needed
 * @throws NoIpvs where the load balancer has listeners that only IPVS can serve, and the kernel has none
 */
export async function requireIpvs(starting: Promise<Fabric>, { listeners }: LoadBalancer): Promise<void> {
  const listener = listeners.find((entry) => !servedByHaproxy(entry));
  if (!listener) return;
  const [trial] = await (await starting).attempt({ argv: [...IPVS_TRIAL] });
  if (trial?.exitCode === 0) return;
  throw new NoIpvs(
    `Listener ${listener.name || listener.id} (${listener.protocol}, port ${listener.protocol_port}) cannot be served: the kernel has no IPVS (module ip_vs; ${trial?.stderr.split('\n', 1)[0]}).`,
  );
}
