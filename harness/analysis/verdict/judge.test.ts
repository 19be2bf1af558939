import test from 'ava';
import type { Observation } from '../../observations/observation.ts';
import { fault, ns, requests } from '../timeline/failover.fixture.ts';
import type { StoredRun } from './facts.ts';
import { type Judging, judge } from './judge.ts';
import { stored } from './stored-run.fixture.ts';

const stall = (node: string, fromMs: number, toMs: number): Observation => ({
  kind: 'stall',
  node,
  atNs: ns(fromMs),
  untilNs: ns(toMs),
  detail: 'its processes were frozen',
});

test('an outage within what is demanded passes, and the excess is what lies beyond', (t) => {
  const run = judge(stored(), { model: () => 3280 });
  t.is(run.status, 'passed');
  t.true(Math.abs((run.metrics.excess ?? 0) - 10) < 0.001, String(run.metrics.excess));
  t.is(run.over, true);
});

test('an outage far beyond fails, and says by how much', (t) => {
  const run = judge(stored(), { model: () => 2000 });
  t.is(run.status, 'failed');
  t.regex(run.reason ?? '', /measured 3290\.0 ms, demanded 2000\.0/);
});

test('an amphora that was held up makes a run invalid, whatever it measured', (t) => {
  for (const demanded of [2000, 3280]) {
    const run = judge(stored([stall('amphora-2', 500, 2500)]), { model: () => demanded });
    t.is(run.status, 'invalid');
    t.regex(run.reason ?? '', /held amphora-2 up for 2000 ms/);
  }
});

test('a stall that the fault is meant to make disturbs nothing', (t) => {
  const meant = { ...fault, stalls: true } as const;
  t.is(judge(stored([stall('amphora-1', 1, 3000)], '', meant), { model: () => 3280 }).status, 'passed');
});

test('a fault that the machine took its time to make says nothing of the failover', (t) => {
  const slow = { ...fault, doneNs: ns(205), atOnce: true } as const;
  const run = judge(stored([], '', slow), { model: () => 3280 });
  t.is(run.status, 'invalid');
  t.regex(run.reason ?? '', /power loss took 205 ms to make/);
  const asked = { ...fault, doneNs: ns(205) };
  t.is(
    judge(stored([], '', asked), { model: () => 3280 }).status,
    'passed',
    'an agent that is asked may take its time',
  );
});

test('the fabric may be late while nothing is measured', (t) => {
  t.is(judge(stored([stall('fabric', -3000, -2000)]), { model: () => 3280 }).status, 'passed');
  t.is(judge(stored([stall('fabric', 100, 400)]), { model: () => 3280 }).status, 'invalid');
});

test('a machine that stopped for a moment while it was measured is called so, however short', (t) => {
  const run = judge(stored([stall('machine', 3200, 3250)]), { model: () => 3100 });
  t.is(run.status, 'invalid');
  t.regex(run.reason ?? '', /The whole machine stopped for 50 ms/);
  t.is(judge(stored([stall('machine', -3000, -2400)]), { model: () => 3280 }).status, 'passed');
});

test('an amphora that was held up for a moment counts while it is measured', (t) => {
  const judged = (fromMs: number, toMs: number) =>
    judge(stored([stall('amphora-2', fromMs, toMs)]), { model: () => 3280 }).status;
  t.is(judged(100, 150), 'invalid');
  t.is(judged(-3000, -2950), 'passed');
  t.is(judged(-3000, -2400), 'invalid');
});

test('a wall clock that was stepped leaves no figure to be believed', (t) => {
  const run = judge(stored([{ kind: 'clock step', atNs: ns(-5000), byMs: -3_600_000 }]), {
    model: () => 3280,
  });
  t.is(run.status, 'invalid');
  t.regex(run.reason ?? '', /stepped by -3600000 ms/);
});

test("keepalived's word that its timers were late makes a run invalid", (t) => {
  const run = judge(stored([], 'Keepalived_vrrp: A thread timer expired 1.2 seconds ago\n'), {
    model: () => 3280,
  });
  t.is(run.status, 'invalid');
});

test('where an observer did not keep up, nothing is said about the system', (t) => {
  const run = stored();
  const failure = {
    name: 'InstrumentLate',
    message: 'The capture at the switch did not start within 5000 ms.',
  };
  for (const facts of [
    { ...run.facts, failure },
    { ...run.facts, failure, pair: undefined },
  ]) {
    const judged = judge({ ...run, facts }, { model: () => 3280 });
    t.deepEqual([judged.status, judged.reason], ['invalid', failure.message]);
  }
  const other = { name: 'NotObserved', message: 'an advertisement of amphora-2 was not seen' };
  t.is(judge({ ...run, facts: { ...run.facts, failure: other } }, { model: () => 3280 }).status, 'failed');
});

test('a run is judged alike each time', (t) => {
  const run = stored([stall('amphora-2', 500, 2500)]);
  t.is(JSON.stringify(judge(run, { model: () => 1 })), JSON.stringify(judge(run, { model: () => 1 })));
});

test('the demand is that of the keepalived that ran, and the check says where that is unknown', (t) => {
  const model: Judging['model'] = ({ keepalived }) =>
    keepalived === '2.3.3' ? 3300 : { min: 0, max: 3300, unsure: 'which keepalived runs is not known' };
  const known = stored();
  const by = (versions: Record<string, string>) =>
    judge({ ...known, facts: { ...known.facts, versions } }, { model });
  t.is(by({ keepalived: '2.3.3' }).predicted?.outage.min, 3300);
  t.regex(
    by({}).checks.find(({ name }) => name.startsWith('outage'))?.detail ?? '',
    /; which keepalived runs/,
  );
});

test('a model knows whose agent the amphorae had', (t) => {
  const { facts, ...rest } = stored();
  const model: Judging['model'] = ({ agent }) => (agent === 'octavia' ? 5000 : 3280);
  const demanded = (told: Partial<typeof facts>) =>
    judge({ ...rest, facts: { ...facts, ...told } }, { model }).predicted?.outage.min;
  t.is(demanded({ agent: 'octavia' }), 5000);
  t.is(demanded({}), 3280);
});

test('the protocol demands what the rendered configuration says, not what was asked for', (t) => {
  const conf = (priority: number) =>
    `vrrp_instance x {\n  version 3\n  priority ${priority}\n  advert_int 0.5\n}\n`;
  const run: StoredRun = {
    ...stored(),
    configurations: {
      'amphora-1': { keepalived: conf(100), haproxy: '' },
      'amphora-2': { keepalived: conf(80), haproxy: '' },
    },
  };
  let known: unknown;
  judge(run, {
    model: (given) => {
      known = given;
      return 0;
    },
  });
  t.like(known, { holder: { advertIntMs: 500, version: 3 }, other: { priority: 80 } });
});

/** A run of which nobody is served after `lastMs`. */
function unserved(lastMs = 0): StoredRun {
  return { ...stored(), history: [fault, ...requests(lastMs, Number.POSITIVE_INFINITY)] };
}

test('a service that does not return has no outage that could be as demanded: at least so long, not over', (t) => {
  const run = judge(unserved(), { model: () => 3280 });
  t.is(run.status, 'failed');
  t.is(run.over, false);
  t.regex(run.reason ?? '', /the service did not return: at least \d+ ms without it, not over/);
  t.true((run.metrics.outage ?? 0) > 4900, String(run.metrics.outage));
});

test('a scenario that ends with a dead service on purpose passes with it, and fails where it returns', (t) => {
  t.is(judge(unserved(), { model: () => 3280, ends: 'unserved' }).status, 'passed');
  const returned = judge(stored(), { model: () => 3280, ends: 'unserved' });
  t.is(returned.status, 'failed');
  t.regex(returned.reason ?? '', /the service returned after 3290 ms/);
});

test('the reason of a run that measured nothing is its failed check, or a sentence; an error of JavaScript has its name', (t) => {
  const run = stored();
  const message = 'no 10 requests in a row were answered within 30000 ms';
  const checks = [{ name: 'traffic served before the fault', status: 'failed', detail: message }] as const;
  const reasonOf = (failed: Partial<typeof run.facts>) =>
    judge({ ...run, facts: { ...run.facts, pair: undefined, ...failed } }, { model: () => 3280 }).reason;
  const failure = { name: 'NotObserved', message };
  t.is(reasonOf({ checks: [...checks], failure }), `traffic served before the fault: ${message}`);
  t.is(reasonOf({ failure }), message);
  t.is(reasonOf({ failure: { name: 'TypeError', message: 'no' } }), 'TypeError: no');
});

test('a story that broke off has no outage to show', (t) => {
  const run = stored();
  const failure = { name: 'TypeError', message: "Cannot read properties of undefined (reading 'foo')" };
  const judged = judge({ ...run, facts: { ...run.facts, failure } }, { model: () => 3280 });
  t.is(judged.status, 'failed');
  const disturbed = stored([stall('amphora-2', 500, 2500)]);
  const invalid = judge({ ...disturbed, facts: { ...disturbed.facts, failure } }, { model: () => 3280 });
  t.is(invalid.status, 'invalid');
  for (const { metrics, over } of [judged, invalid]) {
    t.deepEqual(metrics, {});
    t.is(over, undefined);
  }
});

const second = {
  ...fault,
  what: 'change',
  name: 'keepalived reloaded',
  atNs: ns(3900),
  doneNs: ns(3901),
} as const;

test('each thing that was done is an episode; those that the run is not judged by must cost nothing', (t) => {
  const quiet = judge(stored([second]), { model: () => 3280 });
  t.is(quiet.status, 'passed', quiet.reason);
  t.like(quiet.episodes, [
    { kind: 'fault', name: 'power loss', target: 'amphora-1', judged: true },
    {
      kind: 'change',
      name: 'keepalived reloaded',
      judged: false,
      metrics: { outage: 0, lost: 0, excess: 0 },
    },
  ]);
  // Two outages: the second one is of what was not to cost anything.
  const twice = stored([second]);
  const history = twice.history.map((entry) =>
    entry.kind === 'request' && BigInt(entry.atNs) > BigInt(ns(3950)) && BigInt(entry.atNs) < BigInt(ns(4250))
      ? { ...entry, outcome: 'failed' as const, failure: 'ECONNREFUSED' }
      : entry,
  );
  const costly = judge({ ...twice, history }, { model: () => 3280 });
  t.is(costly.status, 'failed');
  t.regex(
    costly.reason ?? '',
    /^no outage by keepalived reloaded at amphora-1: measured 290\.0 ms, demanded 0\.0/,
  );
  t.like(costly.episodes[1], { losses: { refused: 29 } });
  const all = judge({ ...twice, history }, { model: () => ({ min: 0, max: 3300 }), judgedBy: 'all' });
  t.is(all.status, 'passed', all.reason);
  t.is(all.episodes.filter(({ judged }) => judged).length, 2);
  t.is(
    judge({ ...twice, history }, { model: () => 290, judgedBy: 'last' }).metrics.outage?.toFixed(1),
    '290.0',
  );
});

test('the machine of three that takes over is the one with the highest priority of those that are well', (t) => {
  const run = stored();
  const pair = run.facts.pair;
  if (!pair) throw new Error('The run has no pair.');
  const others = [
    { ...pair.backup, node: 'amphora-3', vrrpIp: '172.16.1.8', mac: 'fa:16:3e:00:00:03', priority: 80 },
  ];
  const second = { ...fault, node: 'amphora-2', atNs: ns(4800), doneNs: ns(4801) };
  const repair = { ...fault, what: 'heal', name: 'power', atNs: ns(4000), doneNs: ns(4001) } as const;
  const moved: Observation = {
    ...{ kind: 'address', node: 'amphora-2', atNs: ns(3250), change: 'added' },
    ...{ interface: 'eth1', address: pair.vip },
  };
  const taker = (history: StoredRun['history']) =>
    judge(
      {
        ...run,
        history: [...run.history, moved, ...history],
        facts: { ...run.facts, pair: { ...pair, others } },
      },
      { model: () => 3280, judgedBy: 'all' },
    ).episodes.at(-1)?.predicted?.backup;
  t.is(taker([second]), 'amphora-3');
  t.is(taker([repair, second]), 'amphora-1');
});

test('service that returned in part is called degraded, since when and how much', (t) => {
  const run = stored();
  const history = run.history.map((entry) =>
    entry.kind === 'request' && BigInt(entry.atNs) > BigInt(ns(3500)) && entry.sequence % 2 === 0
      ? { ...entry, outcome: 'failed' as const, failure: 'status 503' }
      : entry,
  );
  const judged = judge({ ...run, history }, { model: () => 3280 });
  t.is(judged.status, 'failed');
  t.regex(
    judged.reason ?? '',
    /served in full at the end: degraded since 35\d\d ms after power loss: 5\d % /,
  );
  t.is(judged.losses?.['503'], judged.metrics.lost && judged.metrics.lost - 329);
});
