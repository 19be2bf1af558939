import { type PairExpectations, pairExpectations } from './expectations/pair.ts';
import { type ServiceExpectations, serviceExpectations } from './expectations/service.ts';
import { type SessionExpectations, sessionExpectations } from './expectations/sessions.ts';
import type { World } from './world.ts';

/** Each waits for what it names, and becomes a check of the run. */
export interface Expectations extends PairExpectations, ServiceExpectations, SessionExpectations {}

export function expectationsOf(world: World): Expectations {
  return { ...pairExpectations(world), ...serviceExpectations(world), ...sessionExpectations(world) };
}
