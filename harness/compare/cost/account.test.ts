import test from 'ava';
import { type Cost, costOf, perRun, ratioOf, type Seen, sharesOf } from './account.ts';

const seen: readonly Seen[] = [
  { place: 'command', command: 'node harness/command-line/amphora-testbed.mjs scenario', cpuMs: 600 },
  { place: 'command', command: 'node /x/node_modules/ava/entrypoints/cli.mjs --tap', cpuMs: 300 },
  { place: 'command', command: '/x/node harness/run/worker-main.ts', cpuMs: 700 },
  { place: 'amphorae', command: '/usr/local/bin/node /opt/amphora-agent/agent.cjs', cpuMs: 200 },
  { place: 'amphorae', command: '/usr/local/bin/node /opt/amphora-agent/agent.cjs', cpuMs: 250 },
  { place: 'amphorae', command: '/sbin/init', cpuMs: 90 },
  { place: 'amphorae', command: '/lib/systemd/systemd-journald', cpuMs: 60 },
  { place: 'amphorae', command: 'bash /var/lib/octavia/vrrp/check_script.sh', cpuMs: 5 },
  { place: 'fabric', command: '/usr/local/bin/node /opt/fabric/daemon.cjs', cpuMs: 500 },
  { place: 'fabric', command: 'trafgen --dev eth0', cpuMs: 130 },
];

test('the shares add up to the total, and what nobody saw has a share', (t) => {
  const { totalMs, shares } = sharesOf({ command: 1700, amphorae: 700, fabric: 640, engine: 350 }, seen);
  t.is(totalMs, 3390);
  t.deepEqual(shares, {
    'command line': 600,
    AVA: 300,
    'processes that perform runs': 700,
    'the command’s short-lived programs': 100,
    'amphorae: agent': 450,
    'amphorae: systemd and journald': 150,
    'amphorae: short-lived programs': 100,
    'fabric: daemon': 500,
    'fabric: trafgen': 130,
    'fabric: short-lived programs': 10,
    'the engine': 350,
  });
});

const timings = { command: [], runs: [] };
const machine = { busyMs: 9500, wallMs: 12_000, cpus: 2, waited: {} };

test('a run that the machine disturbed costs, and counts for nothing', (t) => {
  const run = (status: string, excess: number) => ({ status, metrics: { excess } });
  const scenarios = [{ runs: [run('passed', 3), run('invalid', 900), run('failed', 70)] }];
  const told = [
    { part: 'npm', ms: 8000 },
    { part: 'command', ms: 400 },
  ];
  const cost = costOf({ used: { totalMs: 9000, shares: {} }, machine }, {
    scenarios,
    timings: told,
  } as never);
  t.deepEqual(cost.timings.command, [{ part: 'command', ms: 400 }], 'npm started the benchmark');
  t.like(cost, { valid: 2, invalid: 1, excessMs: [3, 70] });
  t.is(perRun(cost), 4500);
});

const costing = (...seconds: readonly number[]) =>
  seconds.map(
    (s): Cost => ({
      used: { totalMs: s * 1000, shares: {} },
      machine,
      timings,
      valid: 1,
      invalid: 0,
      excessMs: [],
    }),
  );

test('a side that costs half has a ratio of a half, whatever a round cost', (t) => {
  const { ratio, interval } = ratioOf(costing(4, 4.4, 5, 4.2), costing(8, 8.8, 10, 8.4));
  t.true(Math.abs(ratio - 0.5) < 0.03, `${ratio}`);
  t.true(interval !== null && interval[0] < 0.5 && interval[1] > 0.5 && interval[1] < 0.7, `${interval}`);
});

test('three rounds have a ratio, and no interval', (t) => {
  const { ratio, interval } = ratioOf(costing(4, 4, 4), costing(8, 8, 8));
  t.true(Math.abs(ratio - 0.5) < 1e-9);
  t.is(interval, null);
});
