import test from 'ava';
import type { Result } from '../result/result.ts';
import { timingsBetween } from '../result/timings.ts';
import { exampleReport } from './content/example.ts';
import { timingsSection } from './page/timings-section.ts';
import { timingsText } from './terminal.ts';

/** The example's result, whose first run has these timings. */
async function timed(): Promise<Result> {
  await using example = await exampleReport();
  const [first, ...others] = example.result.scenarios;
  if (!first) throw new Error('The example has no scenario.');
  const [run, ...rest] = first.runs;
  if (!run) throw new Error('The example has no run.');
  const timings = [...timingsBetween(0, { election: 3650, outage: 7150 }, { election: 3609, outage: 3500 })];
  return {
    ...example.result,
    timings: [...timingsBetween(0, { npm: 150, command: 550 })],
    scenarios: [{ ...first, runs: [{ ...run, timings }, ...rest] }, ...others],
  };
}

test('terminal and page show each part in plain words, the share of the protocol, and what is overhead', async (t) => {
  const result = await timed();
  const sum =
    '7.70 s from the command to the report; the protocol demands 7.11 s of it, and 591 ms are overhead';
  const text = timingsText(result);
  t.regex(text, /│ npm starts +│ 150 ms │ +│/);
  t.regex(text, /│ first election of a master +│ 3\.65 s │ 3\.61 s +│/);
  t.true(text.endsWith(sum), text);
  const section = String(timingsSection(result));
  t.regex(
    section,
    /first election of a master<\/th><td class="number">3\.65 s<\/td><td class="number">3\.61 s/,
  );
  t.true(section.includes(sum), section);
});

test('a result of an earlier version has no timings, and says so', async (t) => {
  await using example = await exampleReport();
  t.regex(timingsText(example.result), /does not say where the time went/);
  t.is(String(timingsSection(example.result)), '');
});
