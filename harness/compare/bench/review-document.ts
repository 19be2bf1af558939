import { measuredOf } from '../../result/measured.ts';
import { NOTHING_KNOWN } from './duel.ts';
import type { Refused } from './matrix.ts';
import { describe, level, PICTURE, type Review, reviewMarkdown, verdictOf } from './review.ts';

/** All comparisons of a bench: each scenario of each variant against the baseline. */
export interface ReviewDocument {
  readonly reviews: readonly Review[];
  /** Cells of the matrix that cannot be built. */
  readonly refused: readonly Refused[];
  readonly command: string;
}

/** The file of each review's picture: one alone has the plain name. */
export function pictureOf(reviews: readonly Review[], n: number): string {
  return reviews.length === 1 ? PICTURE : PICTURE.replace('.', `-${n + 1}.`);
}

/** The verdicts, a line each. */
export function verdictsOf({ reviews, refused }: ReviewDocument): readonly string[] {
  return [
    ...reviews.map((review) =>
      reviews.length === 1 ? verdictOf(review) : `${review.scenario}: ${verdictOf(review)}`,
    ),
    ...refused.map(({ text, reason }) => `${text} was not measured: ${reason}`),
  ];
}

/** review.md: the comparisons in one table, then each by itself. */
export function documentMarkdown(document: ReviewDocument): string {
  const { reviews, refused } = document;
  const [only] = reviews;
  if (only && reviews.length === 1 && refused.length === 0) return reviewMarkdown(only);
  return [
    `# ${[...new Set(reviews.map(({ scenario }) => scenario))].join(', ')}: ${reviews.length} comparisons`,
    '',
    ...matrixTable(document),
    '',
    ...reviews.flatMap((review, n) => [reviewMarkdown(review, pictureOf(reviews, n))]),
  ].join('\n');
}

/** A row for each variant: what it is, and the outage of each scenario with the verdict. */
function matrixTable({ reviews, refused }: ReviewDocument): readonly string[] {
  const scenarios = [...new Set(reviews.map(({ scenario }) => scenario))];
  const variants = [...new Set(reviews.map(({ b }) => b.text))];
  const of = (scenario: string, variant: string) =>
    reviews.find((review) => review.scenario === scenario && review.b.text === variant);
  const [first] = reviews;
  const outage = (review: Review | undefined, side: 'a' | 'b') =>
    review ? level(measuredOf(review[side].runs, 'outage')) : '–';
  const cell = (review: Review | undefined) => {
    const { difference, failures } = review?.standing ?? NOTHING_KNOWN;
    const { those, of } = failures.b;
    return `${outage(review, 'b')}: ${difference?.verdict ?? 'no verdict'}${those > 0 ? `, ${those} of ${of} runs fail` : ''}`;
  };
  const baseline = first && [
    `A: ${describe(first.a)}`,
    ...scenarios.map((scenario) => outage(of(scenario, variants[0] ?? ''), 'a')),
  ];
  return [
    `| outage of clients, median ms | ${scenarios.join(' | ')} |`,
    `|---|${scenarios.map(() => '---:|').join('')}`,
    ...(baseline ? [`| ${baseline.join(' | ')} |`] : []),
    ...variants.map((variant) => {
      const [described] = reviews.filter(({ b }) => b.text === variant);
      const cells = scenarios.map((scenario) => cell(of(scenario, variant)));
      return `| ${[described ? describe(described.b) : variant, ...cells].join(' | ')} |`;
    }),
    ...refused.map(({ text, reason }) => `| ${text}: ${reason} |${scenarios.map(() => ' – |').join('')}`),
  ];
}
