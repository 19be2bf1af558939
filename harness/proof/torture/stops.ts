import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inMs } from '../../analysis/statistics/milliseconds.ts';
import { ourContainers } from '../../lab/engine/containers.ts';
import { LABEL } from '../../lab/engine/labels.ts';
import { readResult } from '../../result/result.ts';
import { type Torture, withMore } from './fault.ts';
import { chance } from './random.ts';
import { Victim } from './victim.ts';

/** Pauses of a host that moves or saves a virtual machine. */
const LENGTH_MS = { least: 50, most: 600 } as const;
/** From the first answer on: the master loses its power, and the backup takes over, in this time. */
const WITHIN_MS = 5000;
/** A pause of this length in that time must be noticed. */
const NOTICED_MS = 150;

/**
 * Stops a lab for a moment, as a host does that pauses its virtual machine: the whole lab, or one amphora. The run may
 * be invalid and is repeated; it never fails.
 */
export const stops: Torture = async ({ engine, seed, count, signal, report }) => {
  for (let n = 0; n < count && !signal.aborted; n++) {
    for (const whom of ['lab', 'amphora'] as const) {
      if (signal.aborted) return;
      const share = chance(seed, `${whom} ${n} length`);
      const lengthMs = LENGTH_MS.least + (LENGTH_MS.most - LENGTH_MS.least) * share;
      const atMs = WITHIN_MS * chance(seed, `${whom} ${n} instant`);
      await using victim = await Victim.start(engine, ['scenario', 'master-kill', '--seed', '1']);
      await victim.observed();
      await delay(atMs);
      const lab = (await ourContainers(engine)).filter(
        ({ Id, Labels }) => victim.watch.made.has(Id) && (whom === 'lab' || Labels[LABEL.role] === 'amphora'),
      );
      const chosen = lab
        .slice(0, whom === 'lab' ? lab.length : 1)
        .map(({ Id }) => engine.docker.getContainer(Id));
      // An amphora that has lost power meanwhile cannot be stopped.
      await Promise.allSettled(chosen.map((container) => container.pause()));
      await delay(lengthMs);
      await Promise.allSettled(chosen.map((container) => container.unpause()));
      const blow = {
        fault: `${whom === 'lab' ? 'the whole lab' : 'an amphora'} stopped for ${inMs(lengthMs)}`,
        instant: `${inMs(atMs)} after the first answer`,
      };
      const verdict = await victim.judge(blow, [0]);
      const runs = await readResult(join(victim.reports, 'latest')).then(
        ({ scenarios }) => scenarios.flatMap((scenario) => scenario.runs),
        () => [],
      );
      const said = runs.map(({ status, reason = '' }) => `${status} ${reason}`.trim()).join('; ');
      const failed = runs.length === 0 || runs.some(({ status }) => status === 'failed');
      const overlooked =
        whom === 'lab' && lengthMs >= NOTICED_MS && !runs.some(({ status }) => status === 'invalid');
      report(
        withMore(verdict, {
          ...(failed && { status: 'failed' as const }),
          detail: `${overlooked ? 'nobody noticed: ' : ''}${said}`,
        }),
      );
    }
  }
};
