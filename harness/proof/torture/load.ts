import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Two for each processor: a process of the testbed gets a third of one where all are equal. */
const SPINNERS_PER_CORE = 2;

/**
 * Neighbours: processes that spin at normal priority until they are disposed of. None is pinned, and
 * none is of a real-time class: that could stop the whole machine.
 */
export function busyNeighbours(): Disposable & { readonly count: number } {
  const spinners: ChildProcess[] = Array.from(
    { length: SPINNERS_PER_CORE * availableParallelism() },
    // It ends by itself where this process is killed.
    () =>
      spawn(
        'sh',
        [
          '-c',
          'parent=$PPID; while kill -0 $parent 2>&-; do i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; done',
        ],
        { stdio: 'ignore' },
      ),
  );
  return {
    count: spinners.length,
    [Symbol.dispose]() {
      for (const spinner of spinners) spinner.kill('SIGKILL');
    },
  };
}
