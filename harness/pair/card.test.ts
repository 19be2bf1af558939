import test from 'ava';
import { cardMarkdown, cardText } from './card.ts';
import { B, goodPair, swap } from './pair.fixture.ts';

const plain = (_: string, text: string) => text;

test('the card shows place, cause, remedy and the page of the rule, and counts', async (t) => {
  const { findings } = await goodPair({ [B]: swap('priority 100', 'priority 101') });
  const text = cardText(findings, ['a', 'b'], plain);
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
  t.is(cardText([], ['a', 'b', 'c'], plain), 'Nothing found in a, b and c.');
});
