import test from 'ava';
import { vrrpOf } from '../configuration/vrrp.ts';
import { complaintsOf } from '../daemons.ts';
import { B, goodPair, swap } from '../pair.fixture.ts';
import { allRules } from '../rule.ts';
import { OUTCOMES, outcome, scenarioWith } from './card.fixture.ts';
import { cardPage } from './page.ts';
import { sarifOf } from './sarif.ts';
import { cardMarkdown, eventsText, findingsText } from './text.ts';

const plain = (_: string, text: string) => text;

test('the card shows place, cause, remedy and the page of the rule, and counts', async (t) => {
  const { findings } = await goodPair({ [B]: swap('priority 100', 'priority 101') });
  const text = findingsText(findings, ['a', 'b'], plain);
  t.regex(
    text,
    /^warning b\/etc\/keepalived\/keepalived\.conf:\d+\n {2}VI_1 on a and VI_1 on b both have priority 101/,
  );
  t.regex(text, /\n {2}docs\/rules\/equal-priorities\.md\n\n1 warning in a and b\.$/);
  t.regex(
    cardMarkdown(findings, ['a', 'b']),
    /^\| how bad .*\n.*\n\| warning \| `b\/etc\/.*`.* \| equal-priorities \|\n\n1 warning in a and b\.\n$/,
  );
});

test('a card without findings says so', (t) => {
  t.is(findingsText([], ['a', 'b', 'c'], plain), 'Nothing found in a, b and c.');
});

test('each event has its answer, its cause with file and line, and what to do', (t) => {
  const [off, dead, cut] = eventsText(OUTCOMES, plain).split('\n\n');
  t.regex(
    off ?? '',
    /^✓ The master loses power: the VIP moves to b\. Clients are not served for 3\.10 s; predicted 2\.62 s to 3\.62 s\.\n {2}VI on b takes over after 3 × 1 s \+ \(256 − 98\)\/256 s .*\(b\/etc\/keepalived\/keepalived\.conf:\d+\)\.$/,
  );
  t.is(
    dead,
    `✗ HAProxy dies on the master: the VIP does NOT move from a. Clients are not served, for at least 20.0 s.
  chk has weight −2: 101 − 2 = 99 is still above 98 (a/etc/keepalived/keepalived.conf:3).
  Give it a weight below −3, or none.`,
  );
  t.regex(cut ?? '', /^△ The nodes no longer hear each other: not measured: The machine was too busy\.\n/);
  const markdown = cardMarkdown([], ['a', 'b'], OUTCOMES);
  t.regex(markdown, /\| ✗ HAProxy dies on the master \| .* \| as long as it lasts \| .*Give it a weight/);
});

test('what came otherwise than predicted says so', (t) => {
  const late = outcome('power-off', scenarioWith([{ outage: 9000, vipAdded: 3000 }]));
  t.regex(eventsText([late], plain), /^△ .*9\.00 s; predicted .*\n {2}Not as the configurations say: /);
});

test('an outage that may be none is predicted up to its maximum', (t) => {
  const met = outcome(
    'peers-back',
    scenarioWith([
      { outage: 0, vipAdded: 1 },
      { kind: 'heal', outage: 4000 },
    ]),
  );
  t.regex(eventsText([met], plain), /not served for 4\.00 s; predicted up to 5\.00 s\./);
});

test('the page has all of it, and escapes what it shows', async (t) => {
  const { findings } = await goodPair({ [B]: swap('priority 100', 'priority 101') });
  const page = await cardPage({ name: '<mine>', nodes: ['a', 'b'], findings, outcomes: OUTCOMES });
  t.regex(page, /^<!doctype html>\n<html lang="en">/);
  t.regex(page, /<h1>1 failure leaves clients without service\.<\/h1>/);
  for (const text of ['&lt;mine&gt;', 'the VIP does NOT move from a', 'equal-priorities', '✗ not served'])
    t.true(page.includes(text), text);
  t.notRegex(page, /<mine>|<script|https?:/);
});

test('SARIF has what the daemons say', async (t) => {
  const found =
    complaintsOf('haproxy-c', { name: 'a', vrrp: vrrpOf('a', []) }, { exitCode: 1, output: 'no place\n' }) ??
    [];
  const { runs } = sarifOf(found, await allRules(), '1.0.0') as {
    runs: [{ tool: { driver: { rules: { id: string }[] } }; results: { ruleIndex: number }[] }];
  };
  t.is(runs[0].tool.driver.rules[runs[0].results[0]?.ruleIndex ?? -1]?.id, 'haproxy-c');
  t.regex(
    findingsText(found, ['a'], plain),
    /^error a\/etc\/haproxy\/haproxy\.cfg:1\n.*\n.*\n {2}docs\/pairs\.md\n/,
  );
});

test('SARIF has the failures that leave clients without service', async (t) => {
  const { runs } = sarifOf([], await allRules(), '1.0.0', OUTCOMES) as {
    runs: [{ results: { ruleId: string; message: { text: string } }[] }];
  };
  t.deepEqual(
    runs[0].results.map(({ ruleId }) => ruleId),
    ['measured-haproxy-dead'],
  );
  t.regex(runs[0].results[0]?.message.text ?? '', /101 − 2 = 99 is still above 98/);
});
