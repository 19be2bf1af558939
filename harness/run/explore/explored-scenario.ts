import { upTo } from '../../scenario/models.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { scenarioText } from '../../scenario/written-scenario.ts';
import { asCode, hearing, type Move, repairs, sensible, take, WELL, whole } from './steps.ts';

/** Sessions that must be in both tables once the pair is healthy again. */
const SESSIONS = 5;
/** Each fault may take service away for as long as it lasts; what must hold is said after each step. */
const MODEL = upTo('whatever the faults take: the invariants are what is judged', 600_000);
const PARAMETERS = { check_interval: 1 } as const;
const LOAD_BALANCER = { pool: { session_persistence: { type: 'SOURCE_IP' } } } as const;

/**
 * Steps as a scenario: after each of them, and once all is repaired, the invariants must hold.
 *
 * @param amphorae whether the machines are amphorae: only they have the load balancer whose sessions are compared
 */
export function exploredScenario(steps: readonly Move[], amphorae: boolean): Scenario {
  return {
    name: 'explored',
    title: `random faults and repairs: ${counted(sensible(steps).length)}`,
    group: 'load and machine',
    story: 'Composed by exploration.',
    ...(amphorae && { parameters: PARAMETERS, loadBalancer: LOAD_BALANCER }),
    model: MODEL,
    aftermath: MODEL,
    async run(story) {
      const taken = sensible(steps);
      const broken = taken.at(-1)?.condition ?? WELL;
      for (const { step, condition } of taken) {
        await take(story, step);
        await story.expect.pairAgrees(
          whole(condition).map((role) => story[role]),
          hearing(condition),
        );
      }
      for (const step of repairs(broken)) await take(story, step);
      await story.expect.pairAgrees([story.master, story.backup], true);
      if (!amphorae) return;
      await story.traffic.visits(SESSIONS);
      await story.expect.tableEntries(story.master, { least: SESSIONS });
      await story.expect.tableEntries(story.backup, { least: SESSIONS });
      await story.expect.sameConfiguration();
    },
  };
}

/** `1 step`, `2 steps`. */
export function counted(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`;
}

/**
 * The same as a file for scenarios/, which reproduces what was found.
 *
 * @param packed whether scenarios/ lies in a user's folder rather than in a clone
 */
export function scenarioFile(
  name: string,
  steps: readonly Move[],
  found: string,
  amphorae: boolean,
  packed?: boolean,
): string {
  const taken = sensible(steps);
  const broken = taken.at(-1)?.condition ?? WELL;
  const agrees = (roles: readonly string[], hearing: boolean) =>
    `await expect.pairAgrees([${roles.join(', ')}], ${hearing})`;
  const lines = [
    ...taken.flatMap(({ step, condition }) => [
      `await ${asCode(step)}`,
      agrees(whole(condition), hearing(condition)),
    ]),
    ...repairs(broken).map((step) => `await ${asCode(step)}`),
    agrees(['master', 'backup'], true),
    ...(amphorae
      ? [
          `await traffic.visits(${SESSIONS})`,
          `await expect.tableEntries(master, { least: ${SESSIONS} })`,
          `await expect.tableEntries(backup, { least: ${SESSIONS} })`,
          'await expect.sameConfiguration()',
        ]
      : []),
  ];
  return scenarioText({
    ...{
      name,
      title: `found by exploration: ${counted(taken.length)}`,
      group: 'load and machine',
      story: found,
    },
    ...(amphorae && { fields: { parameters: PARAMETERS, loadBalancer: LOAD_BALANCER } }),
    ...{ free: MODEL.says, lines, packed },
  });
}
