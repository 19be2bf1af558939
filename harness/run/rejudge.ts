import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { judge } from '../analysis/verdict/judge.ts';
import { type Result, readResult, UnreadableResult } from '../result/result.ts';
import { catalogue } from '../scenario/catalogue.ts';
import { RUN_FILES, readStoredRun, readVerdict, writeVerdict } from './run-folder.ts';
import { scenarioResult } from './scenario-result.ts';

/**
 * Judges every run of a stored result again, from what its folder holds and without a lab: the verdicts are
 * those of today's code. What was true of the invocation (when, by which command, where) stays.
 *
 * @throws UnreadableResult
 */
export async function rejudge(folder: string): Promise<Result> {
  const stored = await readResult(folder);
  const { scenarios: known, broken } = await catalogue();
  const scenarios = await Promise.all(
    stored.scenarios.map(async (scenario) => {
      const { name } = scenario;
      const told = known.find((entry) => entry.name === name);
      if (!told) {
        const sentence = broken.find((file) => file.name === name)?.sentence;
        throw new UnreadableResult(
          `${folder}: ${sentence ?? `the scenario "${name}" is no longer in scenarios/.`}`,
        );
      }
      for (const entry of await runFolders(join(folder, name))) {
        // What it took is no judgement.
        const timings = (await readVerdict(entry).catch(() => undefined))?.timings;
        await writeVerdict(entry, {
          ...judge(await readStoredRun(entry), told),
          ...(timings && { timings }),
        });
      }
      const again = await scenarioResult(folder, scenario);
      // An earlier run that was cut short stays as it is.
      return again.runs.length > 0 ? again : scenario;
    }),
  );
  return { ...stored, scenarios };
}

async function runFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith(RUN_FILES.facts))
    .sort()
    .map((entry) => join(folder, entry, '..'));
}
