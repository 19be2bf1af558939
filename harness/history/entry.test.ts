import test from 'ava';
import { exampleReport } from '../report/example.ts';
import { configurationsOf, entryOf } from './entry.ts';

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
