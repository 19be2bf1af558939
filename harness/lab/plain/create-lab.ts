import { AmphoraLab } from '../amphora-lab.ts';
import type { LabRequest } from '../build-lab.ts';
import type { Lab } from '../lab.ts';

/**
 * Builds a lab of what is under test: the machines of a pair of configurations, or amphorae with a load balancer.
 *
 * @throws what AmphoraLab.create and PlainLab.create throw
 */
export async function createLab(request: LabRequest): Promise<Lab> {
  const { pair } = request.images.system;
  if (!pair) return AmphoraLab.create(request);
  // What reads configurations is loaded where there is a pair of them alone.
  const { PlainLab } = await import('./plain-lab.ts');
  return PlainLab.create({ ...request, pair });
}
