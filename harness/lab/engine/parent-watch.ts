const INTERVAL_MS = 200;

/**
 * Kills this process once its parent has gone: SIGKILL to npm or the command line must not
 * leave a run behind that nobody waits for. A process learns this only from its parent's pid (getppid(2)).
 */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, INTERVAL_MS).unref();
}
