import type { Deployment } from '../domain/deployment.ts';
import { addUp, type ListenerStatistics, type Statistics } from '../health/statistics.ts';

/** A receiver of the amphorae's heartbeats. */
export type StatisticsSource = Pick<Statistics, 'ofListener' | 'ofAmphora'>;

/** What listeners of a load balancer have counted together. */
export function counted(
  statistics: StatisticsSource,
  { amphorae }: Pick<Deployment, 'amphorae'>,
  listenerIds: readonly string[],
): ListenerStatistics {
  const serving = amphorae.map(({ id }) => id);
  return addUp(listenerIds.map((id) => statistics.ofListener(id, serving)));
}
