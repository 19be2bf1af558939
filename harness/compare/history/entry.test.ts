import test from 'ava';
import { exampleReport } from '../../report/content/example.ts';
import { configurationsOf, entryOf } from './entry.ts';
import { fromJsonLines, toJsonLines } from './json-lines.ts';

test('settings that several scenarios share are kept once, and found again', async (t) => {
  await using example = await exampleReport();
  const told = { 'amphora-1': { 'keepalived.conf': ['vrrp_instance: priority 100'] } };
  const other = { 'amphora-1': { 'keepalived.conf': ['vrrp_instance: priority 99'] } };
  const [one, two, three, bare] = example.result.scenarios;
  if (!one || !two || !three || !bare) return t.fail();
  const entry = entryOf({
    ...example.result,
    scenarios: [
      { ...one, configurations: told },
      { ...two, configurations: told },
      { ...three, configurations: other },
      bare,
    ],
  });
  t.is(Object.keys(entry.settings ?? {}).length, 2);
  t.deepEqual(
    entry.scenarios.map((scenario) => configurationsOf(entry, scenario)),
    [told, told, other, undefined],
  );
});

test('a demand without an upper bound survives the history and its JSON', async (t) => {
  await using example = await exampleReport();
  const [scenario] = example.result.scenarios;
  if (!scenario) return t.fail();
  const outage = { min: 100, max: Number.POSITIVE_INFINITY };
  const runs = scenario.runs.map((run) => ({ ...run, predicted: { outage } }));
  const entry = entryOf({ ...example.result, scenarios: [{ ...scenario, runs }] });
  t.deepEqual(entry.scenarios[0]?.runs[0]?.predicted?.outage, outage);
  t.deepEqual(fromJsonLines(toJsonLines([entry]), 'export'), [entry]);
});
