import { length, signed } from '../../analysis/statistics/milliseconds.ts';
import type { Result, RunResult, ScenarioResult } from '../../result/result.ts';
import type { Background, Change } from '../content/background.ts';
import { intervalText, notOverText } from '../content/figures.ts';
import { many } from './html.ts';

type Status = RunResult['status'];

/** The words for each verdict, beside its mark. */
export const STATUS_TEXT: Readonly<Record<Status, { readonly mark: string; readonly word: string }>> = {
  passed: { mark: '✓', word: 'passed' },
  failed: { mark: '✗', word: 'failed' },
  invalid: { mark: '△', word: 'no verdict' },
  skipped: { mark: '–', word: 'skipped' },
};

/** The report in one sentence: regressions first, then what failed, then what could not be judged. */
export function headline(result: Result, { changes }: Background): string {
  const count = (status: Status) => result.scenarios.filter((scenario) => scenario.status === status).length;
  const regressed = changes.filter(({ verdict }) => verdict === 'regressed').length;
  const failed = count('failed');
  const invalid = count('invalid');
  const total = result.scenarios.length;
  if (failed + invalid + regressed === 0) {
    return total === count('skipped')
      ? 'Nothing was run: every scenario was skipped.'
      : `${total === 1 ? 'The scenario' : `All ${many(total - count('skipped'), 'scenario')}`} failed over as the protocol demands.`;
  }
  const of = (part: number) => (total === 1 ? 'The scenario' : `${part} of ${total} scenarios`);
  const parts = [
    ...(regressed ? [`${many(regressed, 'figure')} got worse since the baseline`] : []),
    ...(failed ? [`${of(failed)} failed`] : []),
    ...(invalid ? [`${of(invalid)} got no verdict: the machine disturbed the runs`] : []),
  ];
  return `${parts.join('; ')}.`;
}

/** What the comparison with the baseline found, in sentences. */
export function changeSentences({ changes }: Background): readonly string[] {
  return [...changes]
    .sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict] || Math.abs(b.effectMs) - Math.abs(a.effectMs))
    .filter(({ verdict }) => verdict !== 'unchanged')
    .map(changeSentence);
}

const ORDER = { regressed: 0, improved: 1, accepted: 2, uncertain: 3, unchanged: 4 } as const;

function changeSentence({
  scenario,
  metric,
  verdict,
  text,
  effectMs,
  interval,
  p,
  phase,
  n,
  minimumEffectMs,
}: Change): string {
  if (text !== undefined) return `${scenario}: ${text}.`;
  // From versions that did not separate the demand from software.
  const runs = `${n.baseline} runs then, ${n.now} now`;
  const bounds = `95 % interval ${intervalText(interval, signed)}`;
  if (verdict === 'uncertain')
    return `${scenario}: a change of ${length(minimumEffectMs)} in ${metric} can be neither shown nor excluded (${bounds}; ${runs}).`;
  const chance = p < 0.001 ? 'less than 0.1 %' : `${(p * 100).toFixed(1)} %`;
  return `${scenario}: ${metric} ${verdict} by ${length(Math.abs(effectMs))} (${bounds})${phase ? `, in the ${phase} phase` : ''}; by chance alone this happens in ${chance} of comparisons; ${runs}.`;
}

/** How exact the figures are, in sentences. */
export function certainty({ scenarios }: Result): readonly string[] {
  const runs = scenarios.flatMap((scenario) => scenario.runs);
  const invalid = runs.filter(({ status }) => status === 'invalid').length;
  const uncertainties = runs.flatMap(({ metrics }) => metrics.uncertainty ?? []);
  const widths = scenarios.flatMap(({ summary }) => widthOf(summary.excess ?? summary.outage));
  const dead = scenarios.flatMap(({ name, summary }) => {
    const text = summary.outage && notOverText(summary.outage);
    return text
      ? [
          `${name}: ${text}: the length of these outages is not known, only that they are longer than the observation.`,
        ]
      : [];
  });
  const few = scenarios.filter(({ summary }) => summary.outage && !summary.outage.ci95).length;
  return [
    ...(uncertainties.length
      ? [
          `A single outage is known to ± ${length(Math.max(...uncertainties))}: the spacing of the requests and half the duration of the fault.`,
        ]
      : []),
    ...(widths.length
      ? [
          `The medians' 95 % intervals are at most ${length(Math.max(...widths))} wide; smaller changes can go unseen.`,
        ]
      : []),
    ...dead,
    ...(few
      ? [
          `${many(few, 'scenario')} had fewer than six valid runs, too few for an interval: take their medians as single figures.`,
        ]
      : []),
    invalid
      ? `${many(invalid, 'run')} of ${runs.length} were disturbed by the machine: they are shown, marked △, and left out of every median.`
      : 'The machine disturbed no run.',
  ];
}

function widthOf(summary: ScenarioResult['summary'][string] | undefined): number[] {
  const [low, high = null] = summary?.ci95 ?? [];
  return low === undefined || high === null ? [] : [high - low];
}
