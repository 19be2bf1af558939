import type { Bounds } from '../../analysis/model/bounds.ts';
import { refusedMs, timesOutMs } from '../../analysis/model/check-script.ts';
import type { CheckTimes } from '../../analysis/model/keepalived-configuration.ts';
import type { Place } from '../../syntax/statement.ts';
import { nodeOf, type Pair } from '../configuration/pair.ts';
import { losesWeights, type Weight, weightsOf } from '../configuration/priorities.ts';
import { commandsOf } from '../configuration/scripts.ts';
import { sightOf } from '../configuration/sight.ts';
import { type Instance, OWNER_PRIORITY, type Script, type Tracked } from '../configuration/vrrp.ts';
import type { Finding } from '../rule.ts';

/** What befalls HAProxy. */
export type Ailment = 'death' | 'hang';

/** What an instance tracks, and whether it notices HAProxy's ailment. */
export interface Notice extends Place {
  readonly name: string;
  /** `unknown` may notice, `blind` does not. */
  readonly does: 'notices' | 'blind' | 'unknown';
  /** What it does, after its name. */
  readonly because: string;
  /** What to do, where a rule knows why it does not notice. */
  readonly advice?: string;
  /** From the ailment until it counts. */
  readonly after?: Bounds;
  /** How it changes the priority; undefined where it puts the instance into the fault state. */
  readonly weight?: Weight;
}

/** Rules that find a check which keepalived leaves out; it says so in its log when it starts. */
const LEFT_OUT = new Set([
  ...['script-missing', 'script-not-executable', 'track-script-undefined'],
  'weight-in-sync-group',
]);
/** Rules that find a check of which nobody knows what it does. */
const UNCLEAR = new Set([
  ...['script-needs-shell', 'script-without-interpreter', 'script-user-missing', 'command-without-quotes'],
  ...['script-with-windows-lines', 'script-sleeps'],
]);

/** What an instance would notice, and by which of the things that it tracks. */
export function noticesOf(
  pair: Pair,
  instance: Instance,
  ailment: Ailment,
  {
    findings,
    keepalived,
  }: { readonly findings: readonly Finding[]; readonly keepalived?: string | undefined },
): readonly Notice[] {
  const node = nodeOf(pair, instance);
  const weights = weightsOf(node, instance);
  return instance.tracked.flatMap((tracked): Notice[] => {
    const { name } = tracked;
    const weight = weights.find((each) => each.kind === tracked.kind && each.name === name);
    const script = node.vrrp.scripts.find((each) => tracked.kind === 'script' && each.name === name);
    const place = weight ?? script ?? tracked;
    const notice = (does: Notice['does'], because: string, after?: Bounds): Notice[] => [
      {
        ...{ name, does, because, file: place.file, line: place.line },
        ...(after && { after }),
        ...(weight && { weight }),
      },
    ];
    if (tracked.kind === 'process') return processNotice(pair, instance, tracked, ailment, notice);
    if (tracked.kind !== 'script') return [];
    const found = findings.find(
      (finding) =>
        (LEFT_OUT.has(finding.rule) || UNCLEAR.has(finding.rule)) &&
        [tracked, script, script?.command, script?.weight].some(
          (each) => each?.file === finding.file && each.line === finding.line,
        ),
    );
    const command = commandsOf(node).find((each) => each.isCheck && each.name === name);
    if (found) {
      const because = (does: Notice['does'], what: string) =>
        notice(does, `${what} (${found.rule})`).map((each) => ({ ...each, ...placeAndAdvice(found) }));
      if (LEFT_OUT.has(found.rule) && !command?.interpreter)
        return because('blind', 'is left out by keepalived');
      return found.rule === 'script-missing'
        ? because('blind', 'fails all the time')
        : because('unknown', 'may not do what it says');
    }
    if (!script) return notice('blind', 'is not defined');
    if (weightIgnored(pair, instance, tracked, script))
      return notice(
        'blind',
        `has a weight, which the owner of the address (priority ${OWNER_PRIORITY}) ignores`,
      );
    if (!command) return notice('unknown', 'is not known');
    const { sight, because, givesUpMs } = sightOf(command);
    if (sight === 'unknown') return notice('unknown', because);
    if (sight === 'nothing') return notice('blind', because);
    if (ailment === 'death') return notice('notices', because, refusedMs(timesOf(script), keepalived));
    if (sight === 'death') return notice('blind', `${because}: it does not see that HAProxy hangs`);
    return notice('notices', because, timesOutMs(timesOf(script), givesUpMs, keepalived));
  });
}

function placeAndAdvice({ file, line, advice }: Finding): Pick<Notice, 'file' | 'line' | 'advice'> {
  return { file, line, advice };
}

/** keepalived follows a process by its name (keepalived.conf(5), vrrp_track_process). */
function processNotice(
  pair: Pair,
  instance: Instance,
  tracked: Tracked,
  ailment: Ailment,
  notice: (does: Notice['does'], because: string, after?: Bounds) => Notice[],
): Notice[] {
  const process = nodeOf(pair, instance).vrrp.processes.find(({ name }) => name === tracked.name);
  if (!tracked.defined) return notice('blind', 'is left out by keepalived (track-script-undefined)');
  if (process?.command !== 'haproxy') return notice('blind', 'watches another process');
  if (ailment === 'hang')
    return notice('blind', 'watches whether the process exists: it does not see that HAProxy hangs');
  const { value: delayMs } = process.terminateDelayMs;
  return notice('notices', 'watches the process', { min: delayMs, max: delayMs });
}

function timesOf({ intervalMs, timeoutMs, fall }: Script): CheckTimes {
  const times = { intervalMs: intervalMs.value, fall: fall.value };
  return timeoutMs ? { ...times, timeoutMs: timeoutMs.value } : times;
}

function weightIgnored(
  pair: Pair,
  instance: Instance,
  { weight, byGroup }: Tracked,
  script: Script,
): boolean {
  const written = weight ?? script.weight.value;
  const ignored =
    instance.priority.value === OWNER_PRIORITY ||
    (!byGroup && losesWeights(nodeOf(pair, instance), instance));
  return written !== 0 && ignored;
}
