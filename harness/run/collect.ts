import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../lab/engine/engine.ts';
import type { Images } from '../lab/images/images.ts';
import { PROJECT_ROOT } from '../project.ts';
import { type Result, type RunResult, SCHEMA_VERSION } from '../result/result.ts';
import { parametersFor } from '../scenario/parameters.ts';
import type { Scenario } from '../scenario/scenario.ts';
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
  { engine, images }: { readonly engine: Engine; readonly images: Images },
  runs: readonly RunResult[],
): Promise<Result['environment']> {
  const [info, packageJson] = await Promise.all([
    engine.docker.info(),
    readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'),
  ]);
  const { version } = JSON.parse(packageJson) as { version: string };
  const known = {
    engine: `${engine.name} ${engine.version}`,
    kernel: String(info.KernelVersion),
    cpus: Number(info.NCPU),
    versions: {
      node: process.versions.node,
      agent: version,
      ...runs.find((run) => run.versions.keepalived)?.versions,
    },
    ...(Object.keys(images.system.parts).length > 0 && { system: images.system.parts }),
  };
  const fingerprint = createHash('sha256').update(JSON.stringify(known)).digest('hex').slice(0, 12);
  return { ...known, fingerprint };
}
