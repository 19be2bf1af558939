/** The hard limit of open files in the text of /proc/PID/limits (proc_pid_limits(5)). */
export function hardFileLimitIn(limits: string): number | undefined {
  const found = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return found === undefined ? undefined : Number(found);
}
