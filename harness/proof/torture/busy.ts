import { join } from 'node:path';
import type { Cell } from '../../mutations/table.ts';
import { readResult } from '../../result/result.ts';
import { type Blow, type Torture, withMore } from './fault.ts';
import { busyNeighbours } from './load.ts';
import { Victim } from './victim.ts';

const PARALLEL = ['--parallel', '4'] as const;
/** The catalogue, or all mutations, with labs that get a part of a processor only. */
const PASS_LIMIT_MS = 60 * 60_000;

/**
 * Passes of the catalogue beside neighbours that spin: nothing may fail, and an invalid run says why. Then all
 * mutations under the same load: each must still be caught.
 */
export const busy: Torture = async (bench) => {
  const { engine, count, scenarios, signal, report } = bench;
  using neighbours = busyNeighbours();
  const fault = `${neighbours.count} processes that spin`;
  const named = scenarios.length > 0 ? scenarios : ['--all'];
  for (let pass = 1; pass <= count && !signal.aborted; pass++) {
    const seed = ['--seed', String(bench.seed + pass)];
    await using victim = await Victim.start(engine, ['scenario', ...named, ...PARALLEL, ...seed], LIMIT);
    const blow = { fault, instant: `pass ${pass} of the catalogue` };
    // A run that stays invalid after its repetitions has no verdict, and is no failure.
    const verdict = await victim.judge(blow, [0, 4]);
    report(withMore(verdict, await judgedRuns(victim.reports)));
  }
  if (signal.aborted) return;
  const blow = { fault, instant: 'all mutations' };
  await using victim = await Victim.start(engine, ['mutate', ...scenarios, ...PARALLEL, '--json'], LIMIT);
  // A single scenario may miss a mutation; it is a failure if all of them miss it.
  const verdict = await victim.judge(blow, [0, 1]);
  report(withMore(verdict, caught((await victim.ended).stdout)));
};

/** Whether each mutation was noticed by one of the scenarios that were run with it. */
function caught(stdout: string): Partial<Blow> {
  let cells: readonly Cell[] = [];
  try {
    ({ cells } = JSON.parse(stdout) as { cells: readonly Cell[] });
  } catch {
    // It did not come so far.
  }
  const mutations = [...new Set(cells.map(({ mutation }) => mutation))];
  const missed = mutations.filter(
    (name) => !cells.some(({ mutation, status }) => mutation === name && status === 'failed'),
  );
  const detail = `${mutations.length - missed.length} of ${mutations.length} mutations caught${missed.length > 0 ? `, not ${missed.join(', ')}` : ''}`;
  return mutations.length === 0 || missed.length > 0 ? { status: 'failed', detail } : { detail };
}

const LIMIT = { limitMs: PASS_LIMIT_MS };

/** The verdicts of a pass's runs. */
async function judgedRuns(reports: string): Promise<Partial<Blow>> {
  const result = await readResult(join(reports, 'latest')).catch(() => undefined);
  const runs = (result?.scenarios ?? []).flatMap(({ name, runs: all }) =>
    all.map((run) => ({ ...run, name })),
  );
  const those = (status: string) => runs.filter((run) => run.status === status);
  const [failed, invalid] = [those('failed'), those('invalid')];
  const said = [...failed, ...invalid].map(({ name, status, reason }) => `\n  ${status} ${name}: ${reason}`);
  const detail = `${those('passed').length} passed, ${failed.length} failed, ${invalid.length} invalid of ${runs.length} runs${said.join('')}`;
  const unnamed = invalid.some(({ reason }) => !reason);
  return failed.length > 0 || unnamed || runs.length === 0 ? { status: 'failed', detail } : { detail };
}
