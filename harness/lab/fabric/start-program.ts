import { spawn } from 'node:child_process';

let waitedNs = 0n;

/**
 * Starts a program as `spawn` of node:child_process does. This process stands still meanwhile: libuv waits until the program's
 * own code runs (uv_spawn(3)), which takes long where others want the processor.
 */
export const startProgram = ((...given: Parameters<typeof spawn>) => {
  const begunNs = process.hrtime.bigint();
  try {
    return spawn(...given);
  } finally {
    waitedNs += process.hrtime.bigint() - begunNs;
  }
}) as typeof spawn;

/** How long this process has stood still for programs to start, since it began. */
export function waitedForStartsNs(): bigint {
  return waitedNs;
}
