import test from 'ava';
import { randomFrom } from '../../scenario/phases.ts';
import { drawnRuns, settingsWith } from '../history/real-runs.fixture.ts';
import { standingOf } from './duel.ts';
import { type Review, reviewMarkdown, reviewSvg, verdictOf } from './review.ts';
import { documentMarkdown, verdictsOf } from './review-document.ts';

type Runs = Review['a']['runs'];

const random = randomFrom(51);

function review(a: Runs, b: Runs, priority = 90): Review {
  const side = (runs: Runs, of: number) => ({
    runs,
    configurations: { 'amphora-2': { 'keepalived.conf': settingsWith(of) } },
  });
  return {
    scenario: 'master-kill',
    a: { text: 'ref=main', version: 'aaaa', runs: a },
    b: { text: 'ref=mine', version: 'bbbb', runs: b },
    standing: standingOf({ a: side(a, 90), b: side(b, priority) }, { minimumEffectMs: 50, looks: 3 }),
    minimumEffectMs: 50,
    environment: [],
    command: 'npm run bench',
  };
}

/** The same runs with packets that saw the same outage to a millisecond. */
function withPackets(runs: ReturnType<typeof drawnRuns>): Runs {
  return runs.map((run) => ({
    ...run,
    metrics: { ...run.metrics, uncertainty: 15, packetOutage: run.predicted.outage.min + 8 + random() },
  }));
}

test('a review of a lower priority names the line, and shows the packets beside the requests', (t) => {
  const found = review(
    withPackets(drawnRuns(12, random)),
    withPackets(drawnRuns(12, random, {}, { moreMs: 195.3 })),
    40,
  );
  const markdown = reviewMarkdown(found);
  t.regex(
    markdown,
    /\*\*B is slower by 195 ms: the configuration demands 195 ms more \(amphora-2, keepalived\.conf: priority 90 → 40\), software takes \d ms (more|less) \(same\); packets' outage/,
  );
  t.regex(markdown, /\| outage \(packets\) \| \d+\.\d/);
  t.regex(markdown, /- amphora-2, keepalived\.conf: priority 90 → 40\n/);
  t.regex(reviewSvg(found), /packets' outage of each run/);
});

test('packets that saw another outage than the requests do not decide', (t) => {
  const hung = withPackets(drawnRuns(12, random)).map((run) => ({
    ...run,
    metrics: { ...run.metrics, packetOutage: 650 + random() },
  }));
  t.is(review(hung, hung).standing.difference?.metric, 'outage');
});

test('equal sides are the same, and the sentence says what is excluded', (t) => {
  const verdict = verdictOf(review(drawnRuns(16, random), drawnRuns(16, random)));
  t.regex(
    verdict,
    /^A and B are the same: a difference of 50 ms is excluded \(.*16 against 16 runs\)\. A is ref=main, B is ref=mine\.$/,
  );
});

test('a side that does not return is slower by at least what was watched, and drawn as an arrow', (t) => {
  const dead = drawnRuns(4, random).map((run) => ({
    ...run,
    over: false,
    metrics: { ...run.metrics, outage: 30_000 },
  }));
  const found = review(drawnRuns(4, random), dead);
  t.regex(verdictOf(found), /^B is slower by at least \d+ ms \(B not over in 4 of 4 runs\)/);
  t.regex(reviewMarkdown(found), /\| outage \(requests\) \| \d+\.\d \| not over in 4 of 4 runs \|/);
  t.regex(reviewSvg(found), /<title>not over<\/title>/);
  t.notRegex(reviewMarkdown(found) + reviewSvg(found), /NaN|Infinity|null/);
});

test('the verdict begins with the side that fails and the reason, in the sentence and in the table', (t) => {
  const failing = drawnRuns(8, random).map((run) => ({
    ...run,
    status: 'failed' as const,
    reason: 'a single master: for 900 ms there were two.',
  }));
  const found = review(drawnRuns(8, random), failing);
  t.regex(
    verdictOf(found),
    /^B fails in 8 of 8 runs, A in none of 8: a single master: for 900 ms there were two\. [AUB]/,
  );
  t.regex(reviewMarkdown(found), /- B: ref=mine, bbbb, 8 runs, 0 passed\n/);
  const document = { reviews: [found, found], refused: [], command: 'npm run bench' };
  t.regex(documentMarkdown(document), /: [a-z]+, 8 of 8 runs fail \|/);
});

test('several comparisons stand in one table, a row for each variant, with those that cannot be', (t) => {
  const one = review(drawnRuns(12, random), drawnRuns(12, random, {}, { moreMs: 195.3 }), 40);
  const other = { ...review(drawnRuns(12, random), drawnRuns(12, random)), scenario: 'port-cut' };
  const document = {
    reviews: [one, other],
    refused: [{ text: 'release=bookworm,octavia=16', reason: 'cannot be combined' }],
    command: 'npm run bench',
  };
  const markdown = documentMarkdown(document);
  t.regex(markdown, /^# master-kill, port-cut: 2 comparisons/);
  t.regex(markdown, /\| outage of clients, median ms \| master-kill \| port-cut \|/);
  t.regex(markdown, /\| ref=mine, bbbb \| \d+\.\d \([^|]*\): slower \| \d+\.\d \([^|]*\): same \|/);
  t.regex(markdown, /\| release=bookworm,octavia=16: cannot be combined \| – \| – \|/);
  t.regex(markdown, /!\[each run a point\]\(review-2\.svg\)/);
  t.is(verdictsOf(document).length, 3);
});

test('one comparison is a review by itself, with what each side consists of', (t) => {
  const one = review(drawnRuns(12, random), drawnRuns(12, random));
  const described = { ...one, b: { ...one.b, system: ['keepalived 2.3.3'] } };
  const markdown = documentMarkdown({ reviews: [described], refused: [], command: '' });
  t.regex(markdown, /^## master-kill: ref=main against ref=mine/);
  t.regex(markdown, /- B: ref=mine, bbbb, keepalived 2\.3\.3, 12 runs/);
});
