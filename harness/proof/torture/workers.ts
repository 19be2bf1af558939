import { setTimeout as delay } from 'node:timers/promises';
import { inMs } from '../../analysis/statistics/milliseconds.ts';
import type { Torture } from './fault.ts';
import { chance } from './random.ts';
import { withVerdicts } from './verdicts.ts';
import { Victim } from './victim.ts';

const RUNS = 4;
const SCENARIO = [
  ...['scenario', 'keepalived-stop', '--runs', String(RUNS), '--parallel', '2', '--reuse'],
  ...['--seed', '1'],
];
/** From the first answer on: by then each of the two is at a run. */
const WITHIN_MS = 3000;

/**
 * One of the processes that perform runs is killed in the middle: its own run is invalid, with the cause, and is
 * repeated; no other one is touched.
 */
export const workers: Torture = async ({ engine, seed, count, signal, report }) => {
  for (let n = 0; n < count && !signal.aborted; n++) {
    const atMs = WITHIN_MS * chance(seed, `workers ${n} instant`);
    await using victim = await Victim.start(engine, SCENARIO);
    await victim.observed();
    await delay(atMs);
    const alive = victim.workers;
    const struck = alive[Math.floor(alive.length * chance(seed, `workers ${n} whom`))];
    if (struck !== undefined) process.kill(struck, 'SIGKILL');
    const blow = {
      fault: `kill -9 of a worker, one of ${alive.length}`,
      instant: `${inMs(atMs)} after the first answer, in ${RUNS} runs`,
    };
    report(await withVerdicts(victim, await victim.judge(blow, [0]), { passed: RUNS, lost: 1 }));
  }
};
