import test from 'ava';
import { backup, fault, master, ns, VIP } from '../analysis/timeline/failover.fixture.ts';
import { historyOf, placed } from '../analysis/timeline/synthetic.fixture.ts';
import { stored } from '../analysis/verdict/stored-run.fixture.ts';
import { readJournalLine } from '../observations/journal-line.ts';
import type { Observation } from '../observations/observation.ts';
import { measured } from './episode.ts';
import { Film } from './film.ts';
import { replayedRun, shownAt } from './replay.ts';
import { Follower, isDeed, knownNs, type Scene, sceneOf } from './state.ts';

const SCENE: Scene = {
  vip: VIP,
  holder: master.node,
  nodes: [master, backup].map(({ node, vrrpIp, mac }) => ({ name: node, vrrpIp, mac })),
};
/** The master loses power, and after three seconds the backup has taken over. */
const HISTORY = historyOf(
  placed([
    {
      what: 'fault',
      afterMs: 1000,
      delayMs: 1,
      outageMs: 3000,
      packets: true,
      takeOver: [0.9, 0.92, 0.94, 0.96],
    },
  ]),
  0,
).toSorted((one, other) => Number(knownNs(one) - knownNs(other)));
const FILM = new Film(HISTORY, SCENE);
/** ms after the fault. */
const at = (ms: number) => FILM.at(BigInt(ns(1000 + ms)));
const holders = (ms: number) => at(ms).nodes.flatMap(({ name, holds }) => (holds ? [name] : []));

test('the VIP is where it was at the instant that is asked for', (t) => {
  t.deepEqual(holders(-100), ['amphora-1']);
  t.deepEqual(holders(1000), []);
  t.deepEqual(holders(3500), ['amphora-2']);
});

test('nobody has the VIP before the election, where a history begins earlier', (t) => {
  const own = { priority: 100, forwards: true };
  const pair = { vip: VIP, master: { ...master, ...own }, backup: { ...backup, ...own } };
  const taken: Observation = {
    ...{ kind: 'address', node: master.node, change: 'added', interface: 'eth1', address: VIP },
    atNs: ns(500),
  };
  const begins: Observation = { ...taken, address: '172.16.1.3', atNs: ns(-2000) };
  const whole = [begins, taken, ...HISTORY.filter((entry) => knownNs(entry) > BigInt(ns(500)))];
  const film = new Film(whole, sceneOf(pair, whole));
  const holding = (ms: number) =>
    film.at(BigInt(ns(ms))).nodes.flatMap(({ name, holds }) => (holds ? [name] : []));
  t.deepEqual([holding(0), holding(600)], [[], [master.node]]);
  const [span] = film.at(BigInt(ns(900))).recent.holders;
  t.true(Math.abs((span?.toMs ?? 0) - (span?.fromMs ?? 0) - 400) < 1, JSON.stringify(span));
  // Without power, it cannot tell that it has lost the VIP, and takes it again after it has booted.
  const again: Observation = { ...taken, atNs: ns(9000) };
  t.is(sceneOf(pair, [begins, fault, again]).holder, master.node);
});

test('clients are cut off from the first lost request until they are answered again', (t) => {
  t.is(at(-100).cutOffMs, undefined);
  const cutOffMs = at(2000).cutOffMs ?? 0;
  t.true(cutOffMs > 1900 && cutOffMs < 2100, `${cutOffMs}`);
  t.is(at(3500).cutOffMs, undefined);
});

test('the second that is counted is the one before the instant', (t) => {
  const [one, two] = at(-10).nodes;
  t.true((one?.answered ?? 0) > 90);
  t.is(two?.answered, 0);
  t.is(at(2000).nodes[0]?.answered, 0);
  t.true(at(2000).lost > 90);
  t.true((at(3950).nodes[1]?.answered ?? 0) > 90);
});

test('the router sends packets to whom its neighbour entry names', (t) => {
  t.is(at(1000).routerSendsTo, undefined);
  t.is(at(3500).routerSendsTo, 'amphora-2');
});

test('a machine that gives no sign after a fault is shown as it was before, until it is repaired', (t) => {
  const line = (ms: number, text: string) => {
    const [seconds, rest] = [ns(ms).slice(0, -9), ns(ms).slice(-9, -3)];
    const read = readJournalLine('amphora-1', `${seconds}.${rest} host ${text}`);
    if (!read) throw new Error(text);
    return read;
  };
  const follower = new Follower(SCENE);
  const first = () => follower.at(BigInt(ns(9000))).nodes[0];
  follower.see(line(-500, 'Keepalived_vrrp[48]: (lb) Entering MASTER STATE'));
  follower.see(line(-400, 'systemd[1]: Started haproxy-1.service - HAProxy.'));
  t.is(first()?.keepalived, 'MASTER');
  t.is(first()?.haproxy, 'runs');
  follower.see(fault);
  t.is(first()?.silentSince, 'power loss');
  t.deepEqual(first()?.ailments, ['power loss']);
  follower.see(line(5000, 'Keepalived_vrrp[48]: (lb) Entering BACKUP STATE'));
  t.is(first()?.silentSince, undefined);
  follower.see({ ...fault, what: 'heal', name: 'machine booted', atNs: ns(6000), doneNs: ns(7000) });
  t.deepEqual(first()?.ailments, []);
  follower.see(line(8000, 'systemd[1]: haproxy-1.service: Main process exited, code=killed, status=9/KILL'));
  t.is(first()?.haproxy, 'was killed');
  follower.see(line(8100, 'Keepalived_vrrp[52]: (lb) Entering BACKUP STATE'));
  follower.see(
    line(8200, 'systemd[1]: Started octavia-keepalived.service - Keepalive Daemon (LVS and VRRP).'),
  );
  follower.see({ ...fault, name: 'haproxy gets SIGKILL', atNs: ns(8300), doneNs: ns(8301) });
  follower.see({ ...fault, name: 'port flaps', passes: true, atNs: ns(8400), doneNs: ns(8401) });
  follower.see({ ...fault, name: 'member lost', node: 'backend-1', atNs: ns(8500), doneNs: ns(8501) });
  t.deepEqual(first()?.ailments, ['haproxy gets SIGKILL'], 'what passes needs no repair');
  t.deepEqual(follower.at(BigInt(ns(9000))).ailmentsElsewhere, { 'backend-1': ['member lost'] });
  follower.see(line(8600, 'systemd[1]: Started haproxy-1.service - HAProxy.'));
  t.deepEqual(first()?.ailments, [], 'systemd has started it again');
  follower.see({ ...fault, name: 'agent gets SIGKILL', atNs: ns(8700), doneNs: ns(8701) });
  follower.see(
    line(8702, 'systemd[1]: amphora-agent.service: Main process exited, code=killed, status=9/KILL'),
  );
  t.deepEqual(first()?.ailments, ['agent gets SIGKILL']);
  follower.see(line(8900, 'systemd[1]: Started amphora-agent.service - Amphora agent.'));
  t.deepEqual(first()?.ailments, [], 'and the agent too');
  t.is(first()?.keepalived, 'BACKUP', 'a state that was entered before the unit counted as started stays');
});

test('a machine that was replaced keeps its place in the time line, and the new one is shown', (t) => {
  const follower = new Follower(SCENE);
  for (const entry of HISTORY) follower.see(entry);
  const [, other] = SCENE.nodes;
  const third = { name: 'amphora-3', vrrpIp: '172.16.1.9', mac: 'fa:16:3e:00:00:03' };
  if (!other) throw new Error('The scene has two machines.');
  follower.belong([third, other]);
  const { nodes } = follower.at(BigInt(ns(9000)));
  t.deepEqual(
    nodes.map(({ name, gone = false, holds }) => [name, gone, holds]),
    [
      ['amphora-1', true, false],
      ['amphora-2', false, true],
      ['amphora-3', false, false],
    ],
  );
});

test('requests that HAProxy logs are no lines of the journal that is shown', (t) => {
  t.is(readJournalLine('a', '9.000001 host haproxy[62]: - lb listener 198.51.100.10 …'), undefined);
  t.is(readJournalLine('a', 'no line'), undefined);
  t.is(
    readJournalLine('a', '9.000001 host haproxy[62]: Connect from ::1:38424 to ::1:8404 (web/HTTP)'),
    undefined,
  );
  t.deepEqual(readJournalLine('a', '9.000001 host haproxy[62]: [NOTICE] ready'), {
    ...({ kind: 'journal', node: 'a', atNs: '9000001000' } as const),
    text: 'haproxy[62]: [NOTICE] ready',
  });
});

test('live and replay show the same: what is followed entry by entry is what the stored history tells', (t) => {
  const follower = new Follower(SCENE);
  for (const entry of HISTORY) {
    if (knownNs(entry) > BigInt(ns(2000))) break;
    follower.see(entry);
  }
  t.deepEqual(follower.at(BigInt(ns(2000))), FILM.at(BigInt(ns(2000))));
});

test('a long film shows the same as it does from its beginning on, forwards and backwards', (t) => {
  const lengthNs = 10_000_000_000n;
  const long = Array.from({ length: 8 }, (_, n) =>
    HISTORY.map((entry) => later(entry, BigInt(n) * lengthNs)),
  ).flat();
  const film = new Film(long, SCENE);
  for (const n of [7n, 0n, 4n, 5n]) {
    const atNs = BigInt(ns(1500)) + n * lengthNs;
    const follower = new Follower(SCENE);
    for (const entry of long) if (knownNs(entry) <= atNs) follower.see(entry);
    t.deepEqual(film.at(atNs), follower.at(atNs));
    t.deepEqual(film.at(atNs), film.at(atNs), 'to look changes nothing');
  }
});

/** The same at another time. */
function later(entry: Observation, ns: bigint): Observation {
  const moved = Object.entries(entry).map(([key, value]) => [
    key,
    key.endsWith('Ns') ? String(BigInt(value) + ns) : value,
  ]);
  return Object.fromEntries(moved);
}

test('an episode is measured as a run measures it, beside what was predicted', (t) => {
  const run = stored();
  const deed = run.history[0] as typeof fault;
  const { run: card, sentence } = measured(run, deed, () => 3290);
  t.is(card.status, 'passed');
  t.true(Math.abs((card.metrics.outage ?? 0) - 3290) < 25, `${card.metrics.outage}`);
  t.regex(sentence, /^measured 32\d\d\.\d ms, demanded 3290/);
  t.is(measured(run, deed, () => 2000).run.status, 'failed');
});

test('what disturbed the machine before an episode says nothing about it', (t) => {
  const run = stored();
  const deed = run.history[0] as typeof fault;
  const disturbedAt = (ms: number) => {
    const line = `${Number(ns(ms)) / 1e9} host Keepalived_vrrp[48]: A thread timer expired 2 seconds ago`;
    return measured({ ...run, journals: { 'amphora-2': line } }, deed, () => 3290).run.status;
  };
  t.is(disturbedAt(-4000), 'passed');
  t.is(disturbedAt(2000), 'invalid');
});

test('a process that was stopped on purpose may say so when it goes on', (t) => {
  const run = stored();
  const deed = run.history[0] as typeof fault;
  const hung: Observation = {
    ...deed,
    name: 'keepalived gets SIGSTOP',
    atNs: ns(-9000),
    doneNs: ns(-9000),
    stalls: true,
  };
  const line = `${Number(ns(2000)) / 1e9} host Keepalived_vrrp[48]: A thread timer expired 9 seconds ago`;
  const status = (...before: readonly Observation[]) =>
    measured(
      { ...run, history: [...before, ...run.history], journals: { [deed.node ?? '']: line } },
      deed,
      () => 3290,
    ).run.status;
  t.is(status(), 'invalid');
  t.is(status(hung), 'passed');
  t.is(status(hung, { ...hung, what: 'heal', stalls: undefined, atNs: ns(-6000) } as never), 'invalid');
});

test('an episode that nobody predicted has an outage and no verdict', (t) => {
  const run = stored();
  const { run: card, demanded } = measured(run, run.history[0] as typeof fault, undefined);
  t.false(demanded);
  t.is(card.predicted, undefined);
  t.is(card.metrics.excess, undefined);
  t.true((card.metrics.outage ?? 0) > 3000);
});

test('the second thing that is done is measured from who held the VIP then', (t) => {
  const heal: Observation = { ...fault, what: 'heal', name: 'booted', atNs: ns(4800), doneNs: ns(4801) };
  const run = stored([
    heal,
    { kind: 'address', atNs: ns(3200), node: 'amphora-2', change: 'added', interface: 'eth1', address: VIP },
  ]);
  const { run: card } = measured(run, heal, () => 0);
  t.is(card.metrics.outage, 0);
  t.is(card.status, 'passed');
});

test('an episode without an outage has no phases, also right after one that had them', (t) => {
  const act = { afterMs: 1000, delayMs: 1, packets: true, takeOver: [0.9, 0.92, 0.94, 0.96] } as const;
  const history = historyOf(
    placed([
      { ...act, what: 'fault', outageMs: 300 },
      { ...act, what: 'change', outageMs: 0 },
    ]),
    0,
  );
  const [first, second] = history.filter(isDeed);
  if (!first || !second) throw new Error('Two things were done.');
  const runs = [first, second].map((deed) => measured({ ...stored(), history }, deed, undefined).run);
  t.deepEqual(
    runs.map(({ metrics, phases }) => [Math.round(metrics.outage ?? Number.NaN), phases !== undefined]),
    [
      [300, true],
      [0, false],
    ],
  );
});

test('a replay shows an episode once it is over, and before that that it is not', (t) => {
  const run = stored();
  const replayed = replayedRun(run, { episodes: [], status: 'passed' });
  const fromMs = Number(replayed.fromNs - BigInt(ns(0))) / 1e6;
  const during = shownAt(replayed, 1000 - fromMs);
  t.regex(during.episodes ?? '', /power loss, amphora-1: not over yet/);
  t.regex(during.status ?? '', /clients have been cut off/);
  const after = shownAt(replayed, 4500 - fromMs);
  t.regex(after.episodes ?? '', /outage 3\.\d\d s/);
  const [deed] = run.history as [typeof fault];
  const [own] = replayed.episodes;
  if (!own?.run.episodes[0]) throw new Error('Nothing was measured.');
  const reported = { ...own.run.episodes[0], at: { iso: '', ns: deed.atNs }, metrics: { outage: 3210 } };
  const asReported = replayedRun(run, { episodes: [reported], status: 'invalid' });
  const told = shownAt(asReported, 4500 - fromMs).episodes ?? '';
  t.regex(told, /data-outage="3210"/, 'the figures are those of the report');
  t.regex(told, /badge invalid/);
  t.regex(after.status ?? '', /clients are served/);
  const unasked = { ...run, history: run.history.filter(({ kind }) => kind !== 'request') };
  const silent = shownAt(replayedRun(unasked, { episodes: [], status: 'passed' }), 0);
  t.regex(silent.status ?? '', /no client has asked in the last second/);
});
