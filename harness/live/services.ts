/** Whose words in a machine's journal are followed. */
export const SERVICES = ['keepalived', 'haproxy', 'agent'] as const;

/** What a machine's services do, by its journal. */
export interface Services {
  /** `MASTER`, `BACKUP`, `FAULT`, or that it starts or has ended. */
  readonly keepalived?: string;
  readonly haproxy?: string;
  readonly agent?: string;
}

/** keepalived's own words for its state (vrrp_scheduler.c). */
const ENTERS = /^Keepalived_vrrp\[\d+\]: \(\S+\) Entering (\w+) STATE/;
/** systemd's words for its jobs and for what happens to a process (core/job.c, core/service.c). */
const JOB =
  /^systemd\[1\]: (Starting|Started|Stopping|Stopped|Reloading|Reloaded) (\S*?(keepalived|haproxy|agent)\S*)/;
const ENDED = /^systemd\[1\]: \S*?(keepalived|haproxy|agent)\S*: Main process exited, code=(\w+)/;
/** Units that start nothing but share a name. */
const OTHER_UNIT = /netns/;

const WORDS: Readonly<Record<string, string>> = {
  Starting: 'starts',
  Started: 'runs',
  Stopping: 'stops',
  Stopped: 'stopped',
  Reloading: 'reloads',
  Reloaded: 'runs',
};

/** The services after another line of the journal. */
export function servicesAfter(before: Services, text: string): Services {
  const state = ENTERS.exec(text)?.[1];
  if (state) return { ...before, keepalived: state };
  const [, job = '', unit = '', started] = JOB.exec(text) ?? [];
  if (started && !OTHER_UNIT.test(unit)) {
    // A reload leaves keepalived in its state, which it does not repeat.
    if (started === 'keepalived' && job.startsWith('Reload')) return before;
    // It may enter its first state before systemd calls it started.
    if (started === 'keepalived' && job === 'Started' && isUp(before.keepalived)) return before;
    return { ...before, [started]: WORDS[job] };
  }
  const [, ended, code] = ENDED.exec(text) ?? [];
  return ended ? { ...before, [ended]: code === 'killed' ? 'was killed' : 'ended' } : before;
}

/** Whether a service runs, whatever its state. */
export function isUp(service: string | undefined): boolean {
  return service !== undefined && /^(?:runs|[A-Z]+)$/.test(service);
}
