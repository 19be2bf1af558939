import { join } from 'node:path';
import test from 'ava';
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

for (const example of ['active-active', 'vmac-preempt-delay', 'vrrp3-ipv6']) {
  test.serial(`${example} fails over as its configurations demand`, async (t) => {
    t.timeout(300_000);
    await using seen = await validRun(t, masterKill, pairNamed(example));
    t.is(seen.run.status, 'passed', seen.run.reason);
    t.is(seen.run.predicted?.backup, 'b');
  });
}

test.serial('what asks the controller is skipped before a lab is built', async (t) => {
  await using seen = await oneRun(memberChange, pairNamed('good-unicast'));
  t.is(seen.run.status, 'skipped');
  t.regex(seen.run.reason ?? '', /needs a controller, and the pair has none/);
  t.is(seen.run.labUpMs, 0);
});
