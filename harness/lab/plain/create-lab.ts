import { AmphoraLab } from '../amphora-lab.ts';
import type { LabRequest } from '../build-lab.ts';
import type { Lab } from '../lab.ts';
import { PlainLab } from './plain-lab.ts';

/**
 * Builds a lab of what is under test: the machines of a pair of configurations, or amphorae with a load balancer.
 *
 * @throws what AmphoraLab.create and PlainLab.create throw
 */
export async function createLab(request: LabRequest): Promise<Lab> {
  const { pair } = request.images.system;
  return pair ? PlainLab.create({ ...request, pair }) : AmphoraLab.create(request);
}
