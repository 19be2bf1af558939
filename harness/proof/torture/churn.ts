import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { measureLab } from '../../lab/benchmark.ts';
import { LeakWatch } from '../leaks/watch.ts';
import type { Torture } from './fault.ts';

/** Labs before growth is counted: caches and pools fill in them. */
const WARM_UP = 3;
const DESCRIPTORS_MAX = 4;
/** Growth of the heap after a collection, for each lab. */
const HEAP_PER_LAB_KB_MAX = 100;
const SETTLE_LIMIT_MS = 30_000;

/** Labs are created, serve, and are destroyed, again and again: nothing of this process or the host may grow. */
export const churn: Torture = async ({ engine, images, count, signal, report }) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const usage = () => {
    collect();
    return {
      descriptors: readdirSync('/proc/self/fd').length,
      heapKb: process.memoryUsage().heapUsed / 1024,
    };
  };
  await using watch = await LeakWatch.begin(engine);
  for (let n = 0; n < WARM_UP && !signal.aborted; n++) await measureLab(engine, images);
  const before = usage();
  let done = 0;
  for (; done < count && !signal.aborted; done++) await measureLab(engine, images);
  const leaks = await watch.settle(SETTLE_LIMIT_MS);
  const after = usage();
  const descriptors = after.descriptors - before.descriptors;
  const heapKb = (after.heapKb - before.heapKb) / Math.max(1, done);
  const grown = descriptors > DESCRIPTORS_MAX || (done >= 10 && heapKb > HEAP_PER_LAB_KB_MAX);
  report({
    fault: `${done + WARM_UP} labs`,
    instant: 'created and destroyed in a row',
    status: grown || leaks.length > 0 ? 'failed' : 'survived',
    detail: `${descriptors} more descriptors, ${heapKb.toFixed(0)} KB of heap a lab${leaks.map(({ kind, what }) => `; ${kind} left: ${what}`).join('')}`,
    leaks: leaks.length,
  });
};
