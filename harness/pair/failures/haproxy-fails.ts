import type { Bounds } from '../../analysis/model/bounds.ts';
import type { Place } from '../../syntax/statement.ts';
import { nodeOf, shown } from '../configuration/pair.ts';
import { failedPriority, healthyPriority, type Weight } from '../configuration/priorities.ts';
import type { Instance } from '../configuration/vrrp.ts';
import { type Ailment, type Notice, noticesOf } from './noticing.ts';
import { added, earliest, FOR_EVER, latest, type Situation, type Verdict } from './prediction.ts';
import { farewell, preemption, takesFromLower } from './waits.ts';

/** A way in which the address moves, and what says so. */
export interface Way extends Place {
  readonly successor: Instance;
  readonly after: Bounds;
  readonly because: string;
}

const WHAT: Readonly<Record<Ailment, string>> = { death: 'HAProxy is dead', hang: 'HAProxy hangs' };

/** HAProxy fails on the holder, and stays so: what is tracked decides. */
export function haproxyFails(
  situation: Situation,
  ailment: Ailment,
  { successor }: { readonly successor: Instance },
): Verdict {
  const { pair, holder } = situation;
  const notices = noticesOf(pair, holder, ailment, situation);
  const noticing = notices.filter(({ does }) => does === 'notices');
  const unknown = notices.find(({ does }) => does === 'unknown');
  const ways = [
    ...noticing.filter(({ weight }) => !weight).map((notice) => byFault(situation, successor, notice)),
    ...byWeight(situation, noticing),
  ];
  const [way] = ways.toSorted((one, other) => one.after.max - other.after.max);
  if (way) {
    const { file, line, because } = way;
    const { min, max } = ways.map(({ after }) => after).reduce(earliest);
    // What is not known may notice earlier.
    const outage = { min: unknown ? 0 : min, max };
    return { file, line, moves: true, holder: way.successor.node, outage, because };
  }
  if (unknown)
    return {
      ...{ file: unknown.file, line: unknown.line, moves: undefined, holder: undefined, outage: undefined },
      because: `It cannot be told from the files: ${unknown.name} ${unknown.because}.`,
      ...(unknown.advice !== undefined && { advice: unknown.advice }),
    };
  return { moves: false, holder: holder.node, outage: FOR_EVER, ...whyNot(situation, notices, ailment) };
}

/** A check without a weight puts the instance into the fault state: it says farewell (vrrp_state_leave_master()). */
export function byFault({ pair, holder }: Situation, successor: Instance, notice: Notice): Way {
  const { name, because, file, line, after = { min: 0, max: 0 } } = notice;
  return {
    ...{ file, line, successor },
    after: added(after, farewell({ pair, holder, successor })),
    because: `${name} ${because}; when it fails, ${shown(holder)} goes into the fault state and says farewell.`,
  };
}

/** Weights lower the priority: another takes over where that falls below its own, and where it preempts. */
export function byWeight({ pair, router, holder }: Situation, noticing: readonly Notice[]): readonly Way[] {
  const weighing = noticing.filter((notice) => notice.weight !== undefined);
  const [first] = weighing;
  if (!first) return [];
  const own = priorityOf(pair, holder);
  const node = nodeOf(pair, holder);
  const failed = failedPriority(node, holder, weightsOf(weighing));
  const taking = router
    .filter((other) => other !== holder && priorityOf(pair, other) > failed && takesFromLower(pair, other))
    .toSorted((one, other) => priorityOf(pair, other) - priorityOf(pair, one));
  const [successor] = taking;
  if (!successor) return [];
  const lowers = (some: readonly Notice[]) =>
    failedPriority(node, holder, weightsOf(some)) < priorityOf(pair, successor);
  const after = (notice: Notice) => notice.after ?? { min: 0, max: 0 };
  const alone = weighing.filter((notice) => lowers([notice]));
  const counts = alone.length > 0 ? alone.map(after).reduce(earliest) : weighing.map(after).reduce(latest);
  return [
    {
      ...{ file: first.file, line: first.line, successor },
      after: added(counts, preemption({ pair, holder, successor })),
      because: `${sum(first, own, failed)} is below ${priorityOf(pair, successor)} of ${successor.node}, which discards the lower advertisements and takes over when its timer ends.`,
    },
  ];
}

/** Why the address stays where HAProxy does not serve. */
function whyNot(
  { pair, router, holder }: Situation,
  notices: readonly Notice[],
  ailment: Ailment,
): Place & Pick<Verdict, 'because' | 'advice'> {
  const own = priorityOf(pair, holder);
  const weighing = notices.filter(({ does, weight }) => does === 'notices' && weight);
  const [light] = weighing;
  if (light) {
    const failed = failedPriority(nodeOf(pair, holder), holder, weightsOf(weighing));
    const others = router
      .filter((other) => other !== holder)
      .toSorted((one, other) => priorityOf(pair, other) - priorityOf(pair, one));
    const waiting = others.find((other) => priorityOf(pair, other) > failed);
    if (waiting?.nopreempt)
      return {
        ...{ file: waiting.nopreempt.file, line: waiting.nopreempt.line },
        because: `${sum(light, own, failed)} is below ${priorityOf(pair, waiting)}, but ${shown(waiting)} has nopreempt and leaves the address where it is.`,
        advice: `Remove the weight of ${light.name}, so that a failed check puts the instance into the fault state; or remove nopreempt.`,
      };
    const [next] = others;
    const highest = next ? priorityOf(pair, next) : 0;
    return {
      ...{ file: light.file, line: light.line },
      because: `${sum(light, own, failed)} is ${failed > highest ? 'still above' : 'not below'} ${highest}.`,
      advice: `Give it a weight below −${own - highest}, or none.`,
    };
  }
  const [blind] = notices;
  if (blind)
    return {
      ...{ file: blind.file, line: blind.line },
      because: `${WHAT[ailment]}, and nothing notices: ${blind.name} ${blind.because}.`,
      advice:
        blind.advice ??
        (ailment === 'hang'
          ? 'Let a check ask HAProxy for a page, such as curl --fail --max-time 1 http://127.0.0.1/.'
          : 'Let a check without a weight fail where HAProxy does not run.'),
    };
  return {
    ...{ file: holder.file, line: holder.line },
    because: `${WHAT[ailment]}, and ${shown(holder)} tracks nothing that would notice.`,
    advice: 'Define a vrrp_script that asks HAProxy, and name it in track_script.',
  };
}

function weightsOf(notices: readonly Notice[]): readonly Weight[] {
  return notices.flatMap(({ weight }) => weight ?? []);
}

function priorityOf(pair: Situation['pair'], instance: Instance): number {
  return healthyPriority(nodeOf(pair, instance), instance);
}

/** `chk_haproxy has weight −2: 101 − 2 = 99` */
function sum({ name, weight }: Notice, own: number, failed: number): string {
  const written = signed((weight as Weight).value);
  return `${name} has weight ${written}: ${own} − ${own - failed} = ${failed}`;
}

function signed(value: number): string {
  return value < 0 ? `−${-value}` : `${value}`;
}
