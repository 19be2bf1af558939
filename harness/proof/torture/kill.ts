import { setTimeout as delay } from 'node:timers/promises';
import { inMs } from '../../analysis/statistics/milliseconds.ts';
import type { Result } from '../../result/result.ts';
import type { Bench, Torture } from './fault.ts';
import { chance } from './random.ts';
import { Victim } from './victim.ts';

/** A scenario with a lab, a fault and a report that lasts a few seconds. */
const SCENARIO = ['scenario', 'keepalived-stop', '--seed', '1', '--json'] as const;
/** Writing the reports takes less. */
const REPORT_MS = 300;

/** `kill -9` at random instants of each stage: of the command, or of the process that runs its scenarios. */
export const kill: Torture = (bench) =>
  atRandomInstants(bench, (victim, n, window) => {
    const ofRunner = window.args === SCENARIO && chance(bench.seed, `${window.stage} ${n} runner`) < 0.3;
    const whom = ofRunner ? victim.killRunner() : 'command';
    if (!ofRunner) victim.kill();
    // Killed, or it had ended; where its runner was killed, it starts another one.
    return {
      fault: `kill -9 of the ${whom}`,
      expectedCodes: whom === 'runner' ? [0] : [undefined, 0],
    };
  });

/** Ctrl-C at random instants of each stage, as a terminal sends it: to the command and all that it has started. */
export const interrupt: Torture = (bench) =>
  atRandomInstants(bench, (victim) => {
    victim.interrupt();
    // Before it listens, the signal itself ends it.
    return { fault: 'Ctrl-C', expectedCodes: [130, 0, undefined] };
  });

/** Strikes in each stage; an undisturbed run before shows when the stages are. */
async function atRandomInstants(
  { engine, seed, count, signal, report }: Bench,
  strike: (
    victim: Victim,
    n: number,
    window: Window,
  ) => { readonly fault: string; readonly expectedCodes: readonly (number | undefined)[] },
): Promise<void> {
  const stages = await windows(engine);
  for (let n = 0; n < count && !signal.aborted; n++) {
    for (const window of stages) {
      if (signal.aborted) return;
      const { stage, args, fromMs, toMs } = window;
      const atMs = fromMs + (toMs - fromMs) * chance(seed, `${stage} ${n}`);
      await using victim = await Victim.start(engine, args);
      const limit = new AbortController();
      // A run that is faster than the measured one may end before its instant: that does not count.
      await Promise.race([delay(atMs, undefined, { signal: limit.signal }), victim.ended]).catch(() => {});
      limit.abort();
      const { fault, expectedCodes } = strike(victim, n, window);
      report(await victim.judge({ fault, instant: `${stage}, after ${inMs(atMs)}` }, expectedCodes));
    }
  }
}

interface Window {
  readonly stage: 'set-up' | 'lab by hand' | 'lab' | 'fault' | 'tear-down' | 'report';
  readonly args: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

async function windows(engine: Parameters<typeof Victim.start>[0]): Promise<readonly Window[]> {
  await using setup = await Victim.start(engine, ['setup']);
  const setupMs = (await setup.ended).durationMs;
  const startedAtMs = Date.now();
  await using run = await Victim.start(engine, SCENARIO);
  const { stdout, stderr, durationMs, exitCode, hung } = await run.ended;
  let result: Result;
  try {
    result = JSON.parse(stdout) as Result;
  } catch (cause) {
    throw new Error(
      `The run that shows the stages' instants gave no result (${hung ? 'it hung' : `exit code ${exitCode}`}): ${stderr.slice(-300)}`,
      {
        cause,
      },
    );
  }
  const [first] = result.scenarios[0]?.runs ?? [];
  const faultMs = Date.parse(first?.faultAt?.iso ?? '') - startedAtMs;
  const afterMs = faultMs + (first?.metrics.outage ?? 0);
  if (!(faultMs > 0)) throw new Error("The run that shows the stages' instants had no fault.");
  const reportMs = Math.max(afterMs, durationMs - REPORT_MS);
  return [
    { stage: 'set-up', args: ['setup'], fromMs: 0, toMs: setupMs },
    { stage: 'lab by hand', args: ['lab', 'up'], fromMs: 0, toMs: 1.5 * faultMs },
    { stage: 'lab', args: SCENARIO, fromMs: 0, toMs: faultMs },
    { stage: 'fault', args: SCENARIO, fromMs: faultMs, toMs: afterMs },
    { stage: 'tear-down', args: SCENARIO, fromMs: afterMs, toMs: reportMs },
    { stage: 'report', args: SCENARIO, fromMs: reportMs, toMs: durationMs },
  ];
}
