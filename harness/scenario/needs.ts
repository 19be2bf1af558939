import type { PairUnderTest, SystemUnderTest } from '../system/under-test.ts';
import { PROCESS } from '../vocabulary/argument.ts';
import type { Need } from '../vocabulary/word.ts';
import { narrate } from './narrate.ts';
import type { Scenario } from './scenario.ts';

/**
 * Why a scenario cannot be told of this system; undefined where it can. A pair of configurations has no controller, no agent
 * and no rendered configuration: what a story asks of them is read from its words.
 */
export async function whyNot(scenario: Scenario, { pair }: SystemUnderTest): Promise<string | undefined> {
  const { heartbeats, loadBalancer, parameters, group, machines, oldMaster, oldMasterAnswers, oneCable } =
    scenario;
  const there = pair?.machines ?? 2;
  if (machines && (machines === 'two') !== (there === 2))
    return `${BUT} ${machines} machines; there are ${there}.`;
  if (!pair) return undefined;
  if (heartbeats) return `${BUT} heartbeats and who watches them.`;
  if (loadBalancer)
    return `${BUT} a load balancer of its own (${Object.keys(loadBalancer).join(', ')}), and the pair has its own configurations.`;
  if (oldMasterAnswers && pair.oneMac)
    return `${BUT} a VIP with the MAC of its machine. With one MAC for all (use_vmac) the kernel of the old master answers the new one's announcement, and the switch leads clients back to it.`;
  if (oneCable && pair.twoCables)
    return `${BUT} VRRP on the interface of the VIP. keepalived watches another one that carries the VIP, and says farewell when its cable is pulled.`;
  if (oldMaster) return whyNotReturning(oldMaster, pair);
  // A variant tells another scenario's story under other parameters.
  if (parameters?.profile !== undefined || (parameters && group === 'variants'))
    return `${BUT} rendered configurations (${Object.keys(parameters).join(', ')}), and the pair has its own.`;
  const [need] = await needsOf(scenario);
  return need && `${BUT} ${need}, and the pair has none.`;
}

/** So long a scenario watches a pair whose `preempt_delay` has to pass. */
const RETURN_MAX_MS = 60_000;

function whyNotReturning(
  oldMaster: NonNullable<Scenario['oldMaster']>,
  { takesBackMs }: PairUnderTest,
): string | undefined {
  const does = takesBackMs === undefined ? 'stays backup' : 'takes the VIP back';
  if (does !== oldMaster) return `${BUT} an old master that ${oldMaster}, and this pair's ${does}.`;
  if ((takesBackMs ?? 0) <= RETURN_MAX_MS) return undefined;
  const seconds = (takesBackMs ?? 0) / 1000;
  return `The old master takes the VIP back after up to ${seconds.toFixed(0)} s, longer than a scenario watches.`;
}

const BUT = 'The scenario needs';

/** What the words of a story ask that only amphorae have. */
async function needsOf(scenario: Scenario): Promise<readonly Need[]> {
  const needs: Need[] = [];
  await narrate(scenario, undefined, ({ takes, needs: need }, given) => {
    if (need) needs.push(need);
    if (takes.some((argument, n) => argument === PROCESS && given[n] === 'agent')) needs.push('an agent');
  });
  return needs;
}
