import { setTimeout as delay } from 'node:timers/promises';
import { sweepOrphans } from '../engine/orphans.ts';
import type { Torture } from './fault.ts';
import { OwnEngine, whyNoEngine } from './own-engine.ts';
import { chance } from './random.ts';
import { Victim } from './victim.ts';

const SCENARIO = ['scenario', 'keepalived-stop', '--seed', '1'] as const;
/** By then the run has a lab, at the latest it has its fault. */
const WITHIN_MS = 5000;

/** The engine is killed, or stopped, while a run uses it, and comes back. */
export const engineLoss: Torture = async ({ engine, images, seed, count, signal, report }) => {
  const why = whyNoEngine();
  if (why) {
    report({ fault: 'engine lost', instant: 'mid-run', status: 'skipped', detail: why, leaks: 0 });
    return;
  }
  await using own = await OwnEngine.start(engine, images);
  for (let n = 0; n < count && !signal.aborted; n++) {
    for (const how of ['SIGKILL', 'SIGTERM'] as const) {
      if (signal.aborted) return;
      const atMs = 500 + WITHIN_MS * chance(seed, `engine ${how} ${n}`);
      await using victim = await Victim.start(own.engine, SCENARIO);
      await Promise.race([delay(atMs), victim.ended]);
      await own.end(how);
      await victim.ended;
      await own.restart();
      // What an engine restores after its death has no lab any more; every command that builds one sweeps it.
      await sweepOrphans(own.engine, 0);
      report(
        await victim.judge(
          {
            fault: how === 'SIGKILL' ? 'engine killed and started again' : 'engine stopped and started again',
            instant: `mid-run, after ${atMs.toFixed(0)} ms`,
          },
          [0, 3, 4],
        ),
      );
    }
  }
};
