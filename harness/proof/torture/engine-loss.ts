import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { inMs } from '../../analysis/statistics/milliseconds.ts';
import { SYSTEM_SOCKET } from '../../lab/engine/engine.ts';
import { sweepOrphans } from '../../lab/engine/orphans.ts';
import type { Torture } from './fault.ts';
import { OwnEngine, whyNoEngine } from './own-engine.ts';
import { chance } from './random.ts';
import { Victim } from './victim.ts';

const SCENARIO = ['scenario', 'keepalived-stop', '--seed', '1'] as const;
/** By then the run has a lab; at the latest it has its fault. */
const WITHIN_MS = 5000;
/** By then the command has what it needs from the engine, and its run has begun. */
const RUN_UNDER_WAY_MS = 3000;

/** Who restarts it: this torture, once the run has ended; or the run itself, as with the private engine. */
const LOSSES = [
  { fault: 'engine killed and started again', how: 'SIGKILL', itself: false, expectedCodes: [0, 3, 4] },
  { fault: 'engine stopped and started again', how: 'SIGTERM', itself: false, expectedCodes: [0, 3, 4] },
  { fault: 'engine killed, for the run to start it', how: 'SIGKILL', itself: true, expectedCodes: [0] },
] as const;

/** The engine is killed, or stopped, while a run uses it, and comes back. */
export const engineLoss: Torture = async ({ engine, images, seed, count, signal, report }) => {
  const why = whyNoEngine();
  if (why) {
    report({ fault: 'engine lost', instant: 'mid-run', status: 'skipped', detail: why, leaks: 0 });
    return;
  }
  await using own = await OwnEngine.start(engine, images);
  for (let n = 0; n < count && !signal.aborted; n++) {
    for (const { fault, how, itself, expectedCodes } of LOSSES) {
      if (signal.aborted) return;
      const fromMs = itself ? RUN_UNDER_WAY_MS : 500;
      const atMs = fromMs + (WITHIN_MS - fromMs) * chance(seed, `${fault} ${n}`);
      const instant = `mid-run, after ${inMs(atMs)}`;
      if (itself && existsSync(SYSTEM_SOCKET)) {
        report({ fault, instant, status: 'skipped', detail: "it would take the system's engine", leaks: 0 });
        continue;
      }
      const env = itself ? { DOCKER_HOST: '', AMPHORA_TESTBED_STATE: own.folder } : {};
      await using victim = await Victim.start(own.engine, SCENARIO, { env });
      await Promise.race([delay(atMs), victim.ended]);
      await own.end(how);
      await victim.ended;
      await own.restart();
      // Containers that a killed engine restores have no lab; every command that builds a lab removes them.
      await sweepOrphans(own.engine, 0);
      report(await victim.judge({ fault, instant }, expectedCodes));
    }
  }
};
