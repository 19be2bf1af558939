import { advertisementsSlow } from './advertisements-slow.ts';
import { agentTakesAll } from './agent-takes-all.ts';
import { checkAlwaysSucceeds } from './check-always-succeeds.ts';
import { checkCountsProcesses } from './check-counts-processes.ts';
import { garpRefreshOff } from './garp-refresh-off.ts';
import { haproxyEnds } from './haproxy-ends.ts';
import { keepalivedReloadRestarts } from './keepalived-reload-restarts.ts';
import { masterNeedsBackup } from './master-needs-backup.ts';
import type { Mutation } from './mutation.ts';
import { noFarewell } from './no-farewell.ts';
import { noRestart } from './no-restart.ts';
import { nopreemptDropped } from './nopreempt-dropped.ts';
import { peersMissing } from './peers-missing.ts';
import { priorityLowered } from './priority-lowered.ts';
import { reloadRestarts } from './reload-restarts.ts';
import { stateDropped } from './state-dropped.ts';

/** All mutations, in the order of the table. */
export const MUTATIONS: readonly Mutation[] = [
  advertisementsSlow,
  noFarewell,
  checkAlwaysSucceeds,
  checkCountsProcesses,
  noRestart,
  agentTakesAll,
  masterNeedsBackup,
  garpRefreshOff,
  nopreemptDropped,
  stateDropped,
  peersMissing,
  reloadRestarts,
  keepalivedReloadRestarts,
  haproxyEnds,
];

/** A mutation of the table, or the one of `bench sensitivity`. */
export function mutationNamed(wanted: string | undefined): Mutation | undefined {
  return [...MUTATIONS, priorityLowered].find(({ name }) => name === wanted);
}
