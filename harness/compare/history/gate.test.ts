import test from 'ava';
import { randomFrom } from '../../scenario/phases.ts';
import { pinnedBaseline, rollingBaseline } from './baseline.ts';
import { configurationsOf, type Entry } from './entry.ts';
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
    backupPriority = 90,
    runs = RUNS,
    names = SCENARIOS,
    acceptDemand = false,
  }: {
    planted?: Record<string, Planted>;
    fingerprint?: string;
    backupPriority?: number;
    runs?: number;
    names?: readonly string[];
    acceptDemand?: boolean;
  } = {},
): readonly Finding[] {
  const demanding = { moreMs: ((90 - backupPriority) / 256) * 1000 };
  const draw = (name: string, count: number) => drawnRuns(count, random, planted[name], demanding);
  const drawn = Object.fromEntries(names.map((name) => [name, draw(name, runs)]));
  const entry = drawnEntry(history.length, drawn, fingerprint, backupPriority);
  const candidates = entry.scenarios.map((scenario) => ({
    ...scenario,
    configurations: configurationsOf(entry, scenario),
    baseline: rollingBaseline(history, scenario, fingerprint),
    confirmation: draw(scenario.name, RUNS),
  }));
  const findings = gate(candidates, fingerprint, { acceptDemand });
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
    alarms.map(({ scenario, difference }) => [scenario, difference?.software.blame?.part]),
    [['scenario-5', 'detection']],
  );
  t.regex(
    alarms.map((alarm) => sentenceOf(alarm)).join(),
    /^scenario-5: alarm \(software is slower\), tonight is slower by \d+ ms: the configuration demands the same, software takes \d+ ms more \(slower, most of it in detection\)/,
  );
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
  t.truthy(gate([candidate], 'ffffffffffff', { mixed: true })[0]?.difference);
});

test('a night says after one run what the configuration demands now, with the lines that differ', (t) => {
  const { history, random } = nights(3, 8);
  const [finding] = night(history, random, { backupPriority: 40, runs: 1, names: ['scenario-1'] });
  t.like(finding, { verdict: 'alarm', demand: 'changed' });
  t.true(Math.abs((finding?.difference?.demanded?.min ?? 0) - 195.3) < 0.1);
  t.regex(
    finding ? sentenceOf(finding) : '',
    /^scenario-1: alarm \(the configuration demands something else\), tonight is slower by \d+ ms: the configuration demands 195 ms more \(amphora-2, keepalived\.conf: priority 90 → 40\), software takes \d+ ms (more|less) \(undecided\)/,
  );
});

test('a changed demand alarms night after night, until it is accepted: then it is the baseline', (t) => {
  const { history, random } = nights(7, 9);
  const verdicts = (acceptDemand: boolean) =>
    night(history, random, { backupPriority: 40, names: ['scenario-1'], acceptDemand }).map(
      ({ verdict, demand, software }) => [verdict, demand, software],
    );
  for (let n = 0; n < 3; n++) t.deepEqual(verdicts(false), [['alarm', 'changed', 'same']], `night ${n}`);
  t.deepEqual(verdicts(true), [['same', 'accepted', 'same']]);
  t.deepEqual(verdicts(false), [['same', 'same', 'same']]);
  const [back] = night(history, random, { names: ['scenario-1'] });
  t.like(back, { verdict: 'alarm', demand: 'changed' });
  t.regex(
    back ? sentenceOf(back) : '',
    /demands 195 ms less \(amphora-2, keepalived\.conf: priority 40 → 90\)/,
  );
});

test('after three nights, 60 ms of software alarm, and the same again is the same', (t) => {
  const { history, random } = nights(3, 10);
  /** 60 ms of some 3150 ms. */
  const planted = { 'scenario-3': { detection: 1.019 } };
  const names = SCENARIOS.slice(0, 3);
  const findings = night(history, random, { planted, names, runs: 12 });
  t.deepEqual(
    findings.map(({ verdict, demand }) => [verdict, demand]),
    [
      ['same', 'same'],
      ['same', 'same'],
      ['alarm', 'same'],
    ],
  );
});

test('a service that does not return any more alarms, and is never the same', (t) => {
  const { history, random } = nights(3, 11);
  const dead = drawnRuns(3, random).map((run) => ({ ...run, status: 'failed' as const, over: false }));
  const [scenario] = history[0]?.scenarios ?? [];
  if (!scenario) return t.fail();
  const candidate = {
    ...scenario,
    configurations: undefined,
    runs: dead,
    confirmation: dead,
    baseline: rollingBaseline(history, scenario, 'abcdefabcdef'),
  };
  const [finding] = gate([candidate], 'abcdefabcdef');
  t.is(finding?.verdict, 'alarm');
  t.regex(finding ? sentenceOf(finding) : '', /slower by at least .*tonight not over in 3 of 3 runs/);
});
