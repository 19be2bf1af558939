import { join } from 'node:path';
import test from 'ava';
import haproxyStop from '../../scenarios/haproxy-stop.ts';
import masterKill from '../../scenarios/master-kill.ts';
import memberChange from '../../scenarios/member-change.ts';
import { PROJECT_ROOT } from '../project.ts';
import { OWN_SYSTEM } from '../system/system.ts';
import { oneRun, validRun } from './one-run.fixture.ts';
import { readStoredRun } from './run-folder.ts';

const pairNamed = (name: string) => ({ ...OWN_SYSTEM, pair: join(PROJECT_ROOT, 'examples/pairs', name) });

test.serial(
  'a pair of configurations fails over as they demand, under the names of its folders',
  async (t) => {
    t.timeout(300_000);
    await using seen = await validRun(t, masterKill, pairNamed('good-unicast'));
    const { run, folder } = seen;
    t.is(run.status, 'passed', run.reason);
    const { facts, configurations } = await readStoredRun(folder);
    t.like(facts.pair, {
      vip: '192.0.2.10',
      master: { node: 'a', vrrpIp: '192.0.2.11', priority: 101 },
      backup: { node: 'b', vrrpIp: '192.0.2.12', priority: 100 },
    });
    t.regex(facts.versions.keepalived ?? '', /^2\./);
    t.regex(configurations.b?.keepalived ?? '', /unicast_src_ip 192\.0\.2\.12/);
    t.is(run.predicted?.backup, 'b');
  },
);

test.serial(
  'HAProxy dies where its check has too small a weight: the VIP stays, and nobody is served',
  async (t) => {
    t.timeout(300_000);
    await using seen = await validRun(t, haproxyStop, pairNamed('weight-too-small'));
    t.is(seen.run.status, 'failed');
    t.regex(seen.run.reason ?? '', /VIP gone from a was not seen/);
    t.false(seen.run.over);
  },
);

test.serial('what asks the controller is skipped before a lab is built', async (t) => {
  await using seen = await oneRun(memberChange, pairNamed('good-unicast'));
  t.is(seen.run.status, 'skipped');
  t.regex(seen.run.reason ?? '', /needs a controller, and the pair has none/);
  t.is(seen.run.labUpMs, 0);
});
