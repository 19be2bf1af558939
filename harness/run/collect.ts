import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../lab/engine/engine.ts';
import { PROJECT_ROOT } from '../project.ts';
import { type Result, type RunResult, SCHEMA_VERSION } from '../result/result.ts';
import { parametersFor } from '../scenario/parameters.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Machine, machineOf } from './machine.ts';
import type { Plan } from './plan.ts';
import { scenarioResult } from './scenario-result.ts';

/**
 * The result of a folder so far: it may have runs of earlier invocations too, as for a resumed
 * night.
 *
 * @throws UnreadableResult
 */
export async function collectResult(
  of: Pick<Plan, 'folder' | 'images' | 'set' | 'seed'> & {
    readonly engine: Engine;
    readonly scenarios: readonly Scenario[];
    readonly id: string;
    readonly startedAt: Date;
    readonly command: string;
    /** Those that performed the runs, the first one first; by default this one. */
    readonly machines?: readonly Machine[] | undefined;
  },
): Promise<Result> {
  const scenarios = await Promise.all(
    of.scenarios.map(({ name, title, parameters }) =>
      scenarioResult(of.folder, { name, title, parameters: parametersFor(parameters, of.set) }),
    ),
  );
  return {
    schemaVersion: SCHEMA_VERSION,
    id: of.id,
    startedAt: of.startedAt.toISOString(),
    durationMs: Date.now() - of.startedAt.getTime(),
    command: of.command,
    seed: of.seed,
    environment: await environmentOf(
      of,
      scenarios.flatMap(({ runs }) => runs),
    ),
    scenarios,
  };
}

async function environmentOf(
  { engine, images, machines }: Pick<Parameters<typeof collectResult>[0], 'engine' | 'images' | 'machines'>,
  runs: readonly RunResult[],
): Promise<Result['environment']> {
  const packageJson = await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8');
  const { version } = JSON.parse(packageJson) as { version: string };
  const { node, ...machine } = machines?.[0] ?? (await machineOf(engine));
  const known = {
    ...machine,
    versions: {
      node,
      agent: version,
      ...runs.find((run) => run.versions.keepalived)?.versions,
    },
    ...(Object.keys(images.system.parts).length > 0 && { system: images.system.parts }),
  };
  // Unlike machines are an environment of their own.
  const told = machines && machines.length > 1 ? { ...known, machines } : known;
  const fingerprint = createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 12);
  return { ...known, fingerprint };
}
