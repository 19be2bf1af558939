import { length } from '../../analysis/statistics/milliseconds.ts';
import type { EventName, Predicted } from '../failures/prediction.ts';
import { becauseOf, isAsPredicted, isUnserved, type Outcome } from './outcome.ts';

/** What happens, as somebody would ask about it. */
const HAPPENS: Readonly<Record<EventName, string>> = {
  'power-off': 'The master loses power',
  'link-down': "The master's cable is pulled",
  'keepalived-stopped': 'keepalived is stopped on the master',
  'keepalived-dead': 'keepalived dies on the master',
  'haproxy-dead': 'HAProxy dies on the master',
  'haproxy-hung': 'HAProxy hangs on the master',
  'peers-cut': 'The nodes no longer hear each other',
  'peers-back': 'The nodes hear each other again',
  return: 'The old master returns',
  'second-power-off': 'The next master loses power as well',
};

export function question({ event, predicted }: Outcome): string {
  return predicted.interface === undefined
    ? HAPPENS[event]
    : `The cable of ${predicted.interface} is pulled on the master`;
}

/** What was measured, in a sentence, beside what was predicted. */
export function answer(outcome: Outcome): string {
  const { measured, predicted } = outcome;
  const beside = measured?.over && measured.outageMs > 0 && predicted.outage;
  return beside
    ? `${whatWasMeasured(outcome).slice(0, -1)}; predicted ${predictedText(predicted)}.`
    : whatWasMeasured(outcome);
}

/** What was measured, in a sentence. */
export function whatWasMeasured(outcome: Outcome): string {
  const { measured, missing } = outcome;
  if (!measured) return `not measured: ${(missing ?? 'unknown').replace(/\.$/, '')}.`;
  const { moves, holder, outageMs, over } = measured;
  const where = moves && holder !== undefined ? `the VIP moves to ${holder}` : notMoved(outcome);
  if (!over) return `${where}. Clients are not served, for at least ${length(outageMs)}.`;
  if (outageMs === 0) return `${where}. No request is lost.`;
  return `${where}. Clients are not served for ${length(outageMs)}.`;
}

/** Where it should move, that is loud; where it comes back to nobody, it is as it should be. */
function notMoved({ event, measured, predicted: { target } }: Outcome): string {
  if (event === 'return' || event === 'peers-back')
    return `the VIP stays on ${measured?.holder ?? 'the other node'}`;
  return isPowerless(event) ? 'no node takes the VIP' : `the VIP does NOT move from ${target}`;
}

function isPowerless(event: EventName): boolean {
  return event === 'power-off' || event === 'link-down' || event === 'second-power-off';
}

/** `2.61 s to 3.61 s`, or `up to 5.00 s`. */
export function predictedText({ outage }: Predicted): string {
  if (!outage) return 'it cannot be told';
  const { min, max } = outage;
  if (min === Number.POSITIVE_INFINITY) return 'as long as it lasts';
  if (max === 0) return 'nothing';
  if (min === max) return length(min);
  if (min === 0) return `up to ${length(max)}`;
  return `${length(min)} to ${length(max)}`;
}

/** Why, with file and line; where it came otherwise, that is said first. */
export function cause(outcome: Outcome): string {
  const because = becauseOf(outcome.predicted);
  return isAsPredicted(outcome) === false ? `Not as the configurations say: ${because}` : because;
}

/** What to change, where clients stay without service or the prediction says so. */
export function advised(outcome: Outcome): string | undefined {
  const { advice } = outcome.predicted;
  return isUnserved(outcome) || isAsPredicted(outcome) === undefined ? advice : undefined;
}
