import type { Bounds } from '../../analysis/model/bounds.ts';
import type { Comparison } from '../../analysis/statistics/compare.ts';
import { inMs, signed } from '../../analysis/statistics/milliseconds.ts';
import { intervalText, notOverText } from '../../report/content/figures.ts';
import type { Difference } from './difference.ts';

/** Smaller differences of the demand count as none in words, ms. */
const NOTHING_MS = 0.5;
/** Settings that are named; the others are counted. */
const SETTINGS_MAX = 5;

/** The names of the metrics by which sides are compared. */
export const METRIC_WORDS: Readonly<Record<Difference['metric'], string>> = {
  outage: "requests' outage",
  packetOutage: "packets' outage",
};

/**
 * How the one side differs from the other, in a sentence without its full stop:
 * `B is slower by 201 ms: the configuration demands 195 ms more (amphora-2, keepalived.conf: priority 90 → 40),
 * software takes 6 ms more (same)`.
 */
export function differenceText(
  difference: Difference,
  { a, b, minimumEffectMs }: { readonly a: string; readonly b: string; readonly minimumEffectMs: number },
): string {
  const { verdict, comparison } = difference;
  const details = `${METRIC_WORDS[difference.metric]}, ${certaintyText(comparison)}`;
  const dead = deadText(comparison, { a, b });
  if (verdict === 'slower' || verdict === 'faster') {
    return `${b} is ${verdict} by ${sizeText(comparison)}${dead}: ${partsText(difference)}; ${details}`;
  }
  const minimum = inMs(minimumEffectMs);
  if (verdict === 'same') {
    return `${a} and ${b} are the same: a difference of ${minimum} is excluded (${signed(comparison.effect)}; ${details})${compensation(difference)}`;
  }
  const found = Number.isFinite(comparison.effect) ? `${signed(comparison.effect)}; ` : '';
  return `undecided: a difference of ${minimum} between ${a} and ${b} can be neither shown nor excluded (${found}${details})${dead}${compensation(difference)}`;
}

/** The change of the demand and that of software, as a clause. */
export function partsText(difference: Difference): string {
  const { demanded, software } = difference;
  if (!demanded) return 'the demand of the configurations is not known';
  const blame = software.blame ? `, most of it in ${software.blame.part}` : '';
  return `${demandText(difference)}, software takes ${takes(software)} (${software.verdict}${blame})`;
}

/** The change of the demand, with the settings that differ. */
export function demandText({ demanded, settings }: Pick<Difference, 'demanded' | 'settings'>): string {
  const changed = settingsText(settings);
  if (!demanded || isNothing(demanded)) {
    return `the configuration demands the same${changed && `, though settings differ (${changed})`}`;
  }
  return `the configuration demands ${changeText(demanded)}${changed && ` (${changed})`}`;
}

function compensation(difference: Difference): string {
  return difference.demanded && !isNothing(difference.demanded) ? `: ${partsText(difference)}` : '';
}

function settingsText(settings: readonly string[]): string {
  const named = settings.slice(0, SETTINGS_MAX).join('; ');
  const rest = settings.length - SETTINGS_MAX;
  return rest > 0 ? `${named}; and ${rest} more` : named;
}

function isNothing({ min, max }: Bounds): boolean {
  return Math.max(Math.abs(min), Math.abs(max)) < NOTHING_MS;
}

/** `195 ms more`, `50 ms less`, `5000 to 10000 ms more`. */
function changeText({ min, max }: Bounds): string {
  if (max - min < 1) return moreOrLess(min);
  if (min >= 0) return `${min.toFixed(0)} to ${inMs(max)} more`;
  if (max <= 0) return `${(-max).toFixed(0)} to ${inMs(-min)} less`;
  return `between ${inMs(-min)} less and ${inMs(max)} more`;
}

function takes(software: Comparison): string {
  return software.atLeast ? `at least ${moreOrLess(software.effect)}` : moreOrLess(software.effect);
}

function moreOrLess(ms: number): string {
  return `${inMs(Math.abs(ms))} ${ms < 0 ? 'less' : 'more'}`;
}

function sizeText({ effect, atLeast }: Comparison): string {
  return `${atLeast ? 'at least ' : ''}${inMs(Math.abs(effect))}`;
}

/** In which runs the service did not return, where there are any. */
function deadText({ n, notOver }: Comparison, names: { readonly a: string; readonly b: string }): string {
  const [a, b] = [0, 1].map((side) => notOverText({ n: n[side] ?? 0, notOver: notOver[side] ?? 0 }));
  const told = [...(b ? [`${names.b} ${b}`] : []), ...(a ? [`${names.a} ${a}`] : [])];
  return told.length > 0 ? ` (${told.join('; ')})` : '';
}

function certaintyText({ interval, p, n }: Comparison): string {
  return `interval ${intervalText(interval, signed)}, p ${p.toPrecision(2)}, ${n[0]} against ${n[1]} runs`;
}
