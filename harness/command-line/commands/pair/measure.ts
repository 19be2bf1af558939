import { randomInt } from 'node:crypto';
import { measuredService } from '../../../lab/plain/service.ts';
import { holderBefore, judgedRun, type Outcome, outcomeOf, scenarioOf } from '../../../pair/card/outcome.ts';
import type { Pair, VirtualRouter } from '../../../pair/configuration/pair.ts';
import { predictAll, situationsOf } from '../../../pair/failures/predict.ts';
import { type EventName, eventsOf } from '../../../pair/failures/prediction.ts';
import type { Finding } from '../../../pair/rule.ts';
import { writeReport } from '../../../report/files.ts';
import { showProgress } from '../../../report/progress-view.ts';
import type { Progress } from '../../../result/progress.ts';
import type { Result } from '../../../result/result.ts';
import { labsFor } from '../../../run/capacity.ts';
import { evenJobs } from '../../../run/plan.ts';
import { runScenarios } from '../../../run/run-scenarios.ts';
import { scenariosNamed } from '../../../scenario/catalogue.ts';
import { UsageError } from '../../../usage-error.ts';
import { systemNamed } from '../../options.ts';
import { newReport } from '../../places.ts';
import { print } from '../../print.ts';
import { workbench } from '../../workbench.ts';
import { askDaemons } from './daemons.ts';

/** What is measured of a pair, and how. */
export interface MeasureRequest {
  /** Absolute. */
  readonly folder: string;
  readonly pair: Pair;
  readonly findings: readonly Finding[];
  /** Names of findings that are left out. */
  readonly ignore: readonly string[];
  readonly parallel: number | undefined;
  readonly reports: string;
  readonly signal: AbortSignal;
}

/** The events of a pair, measured in labs, and where their runs are stored. */
export interface MeasuredPair {
  readonly outcomes: readonly Outcome[];
  /** What keepalived and HAProxy say of their configurations. */
  readonly findings: readonly Finding[];
  /** Absent where a daemon does not start, and nothing was measured. */
  readonly folder?: string;
}

/** Runs the scenarios that matter for a pair, and compares each with what the configurations make of it. */
export async function measurePair(request: MeasureRequest): Promise<MeasuredPair> {
  const { pair, signal } = request;
  const events = eventsOf(pair.nodes.length);
  const { engine, images } = await workbench(systemNamed([`pair=${request.folder}`]));
  const labs = await labsFor(engine, request.parallel);
  const { pair: underTest } = images.system;
  if (!underTest) throw new Error('The workbench has no pair.');
  const nameOf = (event: EventName) => scenarioOf(event, underTest.takesBackMs !== undefined);
  const scenarios = await scenariosNamed([...new Set(events.map(nameOf))]);
  const said = await askDaemons(engine, images, underTest, pair);
  for (const sentence of said.unknown) print(`${sentence}\n`, process.stderr);
  // A rule says more of a line than the daemon does.
  const isKnown = ({ file, line }: Finding) =>
    request.findings.some((each) => each.severity !== 'advice' && each.file === file && each.line === line);
  const asked = said.findings.filter((each) => !request.ignore.includes(each.rule) && !isKnown(each));
  if (asked.some(({ severity }) => severity === 'error')) return { outcomes: [], findings: asked };
  const { id, folder } = await newReport(request.reports, 'pair');
  const seed = randomInt(1, 2 ** 31);
  const parallel = Math.min(labs, scenarios.length);
  using progress = measuring(showProgress(process.stderr, scenarios.length));
  const names = scenarios.map(({ name }) => name);
  const result = await runScenarios({
    ...{ engine, scenarios, parallel, id, progress, signal },
    plan: {
      ...{ folder, images, seed, jobs: evenJobs(names, 1, seed) },
      // Where the old master's kernel keeps clients, the card measures just that.
      ...{ set: [], keep: false, reuse: false, anyway: true },
    },
    onPlaces: request.parallel ? undefined : (sentence) => progress.note(sentence),
    command: `npm run pair -- check ${request.folder}`,
  });
  await writeReport(folder, result);
  return {
    folder,
    findings: asked,
    outcomes: outcomesOf(request, measuredService(pair)?.router, result, nameOf),
  };
}

/**
 * Progress that counts what was measured: whether it is as the scenario of an amphora has it, the card does not ask.
 */
function measuring(progress: Progress): Progress {
  return {
    stage: (run, stage) => progress.stage(run, stage),
    note: (sentence) => progress.note(sentence),
    ended: (run, outcome, again) =>
      progress.ended(run, outcome.status === 'failed' ? { status: 'passed' } : outcome, again),
    [Symbol.dispose]: () => progress[Symbol.dispose](),
  };
}

/** Who held the address is taken from each run, and which keepalived ran from any. */
function outcomesOf(
  { pair, findings }: Pick<MeasureRequest, 'pair' | 'findings'>,
  measured: VirtualRouter | undefined,
  { scenarios }: Pick<Result, 'scenarios'>,
  nameOf: (event: EventName) => string,
): readonly Outcome[] {
  const runs = scenarios.flatMap((scenario) => scenario.runs);
  const version = runs.find(({ versions }) => versions.keepalived)?.versions.keepalived;
  const situations = situationsOf(pair, findings, version);
  const situation = situations.find(({ router }) => router[0]?.name === measured?.[0]?.name) ?? situations[0];
  if (!situation)
    throw new UsageError('No two nodes share a virtual address: there is nothing that could fail over.');
  const told = (event: EventName) => scenarios.find(({ name }) => name === nameOf(event));
  const holderAt = (event: EventName) => {
    const scenario = told(event);
    const run = scenario && judgedRun(scenario);
    const seen = run && holderBefore(run);
    return situation.router.find(({ node }) => node === seen) ?? situation.holder;
  };
  return predictAll(situation, holderAt).map((predicted) => outcomeOf(predicted, told(predicted.event)));
}
