import test from 'ava';
import { randomFrom } from '../scenario/phases.ts';
import { pinnedBaseline, rollingBaseline } from './baseline.ts';
import type { Entry } from './entry.ts';
import { type Finding, gate, sentenceOf } from './gate.ts';
import { drawnEntry, drawnRuns, type Planted } from './real-runs.fixture.ts';

const SCENARIOS = Array.from({ length: 12 }, (_, n) => `scenario-${n + 1}`);
const RUNS = 8;

/** A night of the catalogue, judged against the nights before it, with a second batch for what is suspected. */
function night(
  history: Entry[],
  random: () => number,
  {
    planted = {},
    fingerprint = 'abcdefabcdef',
  }: { planted?: Record<string, Planted>; fingerprint?: string } = {},
): readonly Finding[] {
  const drawn = Object.fromEntries(SCENARIOS.map((name) => [name, drawnRuns(RUNS, random, planted[name])]));
  const entry = drawnEntry(history.length, drawn, fingerprint);
  const candidates = entry.scenarios.map((scenario) => ({
    ...scenario,
    baseline: rollingBaseline(history, scenario, fingerprint),
    confirmation: drawnRuns(RUNS, random, planted[scenario.name]),
  }));
  const findings = gate(candidates, fingerprint);
  const alarms = findings.filter(({ verdict }) => verdict === 'alarm').map(({ scenario }) => scenario);
  history.push({ ...entry, alarms });
  return findings;
}

function nights(count: number, seed: number) {
  const random = randomFrom(seed);
  const history: Entry[] = [];
  const findings = Array.from({ length: count }, () => night(history, random)).flat();
  return { random, history, findings };
}

for (const seed of [1, 2, 3]) {
  test(`twenty nights of twelve unchanged scenarios raise at most one alarm (seed ${seed})`, (t) => {
    const { findings } = nights(20, seed);
    const alarms = findings.filter(({ verdict }) => verdict === 'alarm');
    t.log(
      `${alarms.length} alarms, ${findings.filter(({ verdict }) => verdict === 'unconfirmed').length} unconfirmed`,
    );
    t.true(alarms.length <= 1);
    t.is(findings.length, 20 * SCENARIOS.length);
  });
}

test('a detection that takes 10 % longer in one scenario alarms, and is named with its phase', (t) => {
  const { history, random } = nights(7, 4);
  const findings = night(history, random, { planted: { 'scenario-5': { detection: 1.1 } } });
  const alarms = findings.filter(({ verdict }) => verdict === 'alarm');
  t.deepEqual(
    alarms.map(({ scenario, comparison }) => [scenario, comparison?.blame?.part]),
    [['scenario-5', 'detection']],
  );
  t.regex(alarms.map(sentenceOf).join(), /^scenario-5: alarm, excess \+\d+\.\d ms.*most of it in detection/);
});

test('a regression stays an alarm night after night: it does not become its own baseline', (t) => {
  const { history, random } = nights(7, 5);
  for (let n = 0; n < 10; n++) {
    const findings = night(history, random, { planted: { 'scenario-2': { detection: 1.1 } } });
    t.is(findings.find(({ scenario }) => scenario === 'scenario-2')?.verdict, 'alarm', `night ${n}`);
  }
});

test('what a second batch does not see is not an alarm', (t) => {
  const { history, random } = nights(7, 6);
  const baseline = rollingBaseline(
    history,
    { name: 'scenario-1', parameters: { advert_int: 1 } },
    'abcdefabcdef',
  );
  const slow = drawnRuns(RUNS, random, { detection: 1.1 });
  const name = 'scenario-1';
  t.is(gate([{ name, runs: slow, baseline }], 'abcdefabcdef')[0]?.verdict, 'suspected');
  const confirmation = drawnRuns(RUNS, random);
  t.is(gate([{ name, runs: slow, confirmation, baseline }], 'abcdefabcdef')[0]?.verdict, 'unconfirmed');
});

test('a baseline of another environment is called out and not compared, unless told to', (t) => {
  const { history, random } = nights(3, 7);
  t.true(
    night([...history], random, { fingerprint: 'ffffffffffff' }).every(
      ({ verdict }) => verdict === 'no baseline',
    ),
    'a rolling baseline leaves other environments out',
  );
  const [doctored] = history;
  const scenario = doctored?.scenarios[0];
  if (!doctored || !scenario) return t.fail();
  const baseline = pinnedBaseline(doctored, scenario);
  const candidate = { name: scenario.name, runs: drawnRuns(RUNS, random), baseline };
  const [finding] = gate([candidate], 'ffffffffffff');
  t.is(finding?.verdict, 'incomparable');
  t.regex(finding ? sentenceOf(finding) : '', /another environment \(abcdefabcdef\)/);
  t.truthy(gate([candidate], 'ffffffffffff', { mixed: true })[0]?.comparison);
});
