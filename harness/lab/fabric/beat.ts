/**
 * When this process looks: each wake-up of Node costs more than most looks, so that all of them share theirs.
 *
 * Labs that run side by side take turns, and the runs of one lab look at different instants between two advertisements: whenever
 * looks begin, they have a phase of their own. It is in whole milliseconds of CLOCK_MONOTONIC, as
 * libuv's timers are (uv_timer_start, uv_now): none of them wakes a moment too early and must sleep again.
 */
let phaseMs = 0;

interface Look {
  readonly everyMs: number;
  readonly look: (dueNs: bigint) => void;
  readonly isFirst: boolean;
  dueMs: number;
}

const looks = new Set<Look>();
let timer: NodeJS.Timeout | undefined;
let timerMs: number | undefined;

/**
 * Looks again and again at instants that are the same for all whose intervals are. A look that was missed is left out.
 *
 * @param everyMs whole milliseconds
 * @param look takes the instant at which it was due, ns of CLOCK_MONOTONIC
 * @param isFirst whether the others wait for it: what is sent at an instant must not be late
 */
export function every(everyMs: number, look: (dueNs: bigint) => void, isFirst = false): Disposable {
  if (looks.size === 0) phaseMs = Math.floor(Math.random() * 10);
  const entry = { everyMs, look, isFirst, dueMs: nextMs(monotonicMs(), everyMs) };
  looks.add(entry);
  wakeAtNext();
  return {
    [Symbol.dispose]() {
      looks.delete(entry);
      wakeAtNext();
    },
  };
}

function beat(): void {
  const nowMs = monotonicMs();
  const due: (() => void)[] = [];
  for (const entry of looks) {
    if (entry.dueMs > nowMs) continue;
    const dueNs = BigInt(entry.dueMs) * 1_000_000n;
    const look = () => void (looks.has(entry) && entry.look(dueNs));
    if (entry.isFirst) due.unshift(look);
    else due.push(look);
    entry.dueMs = nextMs(nowMs, entry.everyMs);
  }
  // Before the looks: libuv counts from when this process woke, whatever has been done since.
  wakeAtNext();
  const [first, ...others] = due;
  first?.();
  // What the first began, as a connection, goes out before the others look.
  for (const look of others) setImmediate(look);
}

function wakeAtNext(): void {
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const { dueMs } of looks) earliestMs = Math.min(earliestMs, dueMs);
  const waitMs = Math.max(1, earliestMs - monotonicMs());
  // Most beats come at the same distance, and a timer that begins again costs less than a new one.
  if (timer && waitMs === timerMs) return void timer.refresh();
  clearTimeout(timer);
  timer = looks.size > 0 ? setTimeout(beat, waitMs) : undefined;
  timerMs = waitMs;
}

/** The first instant of an interval after this one. */
function nextMs(nowMs: number, everyMs: number): number {
  return (Math.floor((nowMs - phaseMs) / everyMs) + 1) * everyMs + phaseMs;
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
