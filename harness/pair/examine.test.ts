import { join } from 'node:path';
import test from 'ava';
import { pairIn } from './configuration/folder.ts';
import { examine } from './examine.ts';
import { B, BOTH, EXAMPLES, goodPair, swap, swaps } from './pair.fixture.ts';
import { allRules } from './rule.ts';

const rulesOf = (findings: readonly { readonly rule: string }[]) => findings.map(({ rule }) => rule);

test('the good example has no finding', async (t) => {
  t.deepEqual(examine(await pairIn(join(EXAMPLES, 'good-unicast')), await allRules()), []);
});

test('the example with the small weight names it, with the sum and the remedy', async (t) => {
  const findings = examine(await pairIn(join(EXAMPLES, 'weight-too-small')), await allRules());
  t.deepEqual(findings, [
    {
      rule: 'weight-too-small',
      severity: 'error',
      file: 'a/etc/keepalived/keepalived.conf',
      line: 14,
      message:
        'chk_haproxy fails on a: the VIP does not move. Its weight is -2: 101 − 2 = 99 is still above 98 of b.',
      advice:
        'Give it a weight below −3, or none: without a weight a failed check puts the instance into the fault state.',
    },
  ]);
});

test('the worst findings come first', async (t) => {
  const { findings } = await goodPair({
    [B]: swaps(['    garp_master_refresh 5\n', ''], ['k33p4liv', 'k33p4livx'], ['id 51', 'id 7']),
  });
  t.deepEqual(rulesOf(findings), ['router-id-differs', 'auth-pass-too-long', 'garp-not-refreshed']);
});

test('a comment before a statement silences a rule there, and not elsewhere', async (t) => {
  const long = (comment: string) => swaps(['auth_pass k33p4liv', `${comment}\n        auth_pass k33p4livx`]);
  const silent = await goodPair({ [BOTH]: long('# amphora-testbed: ignore auth-pass-too-long') });
  t.deepEqual(silent.findings, []);
  const one = await goodPair({
    'a/etc/keepalived/keepalived.conf': long('! amphora-testbed: ignore auth-pass-too-long'),
    [B]: long('# only a comment'),
  });
  t.deepEqual(
    one.findings.map(({ rule, file }) => [rule, file]),
    [['auth-pass-too-long', B]],
  );
});

test('a comment before a block silences what is inside', async (t) => {
  const { findings } = await goodPair({
    [B]: swaps(
      ['vrrp_instance', '# amphora-testbed: ignore equal-priorities\nvrrp_instance'],
      ['priority 100', 'priority 101'],
    ),
  });
  t.deepEqual(findings, []);
});

test('a comment before the first statement silences a rule in the file', async (t) => {
  const { findings } = await goodPair({
    [B]: (text) =>
      `# amphora-testbed: ignore equal-priorities, garp-not-refreshed\n${text.replace('priority 100', 'priority 101')}`,
  });
  t.deepEqual(findings, []);
});

test('a comment in haproxy.cfg silences the next line', async (t) => {
  const { findings } = await goodPair({
    'b/etc/haproxy/haproxy.cfg': swap(
      '    server web2 192.0.2.22',
      '    # amphora-testbed: ignore server-duplicated\n    server web2 192.0.2.21',
    ),
  });
  t.deepEqual(findings, []);
});

test('an unknown rule is answered with the nearest one', async (t) => {
  const { pair } = await goodPair();
  const rules = await allRules();
  t.throws(() => examine(pair, rules, ['equal-priority']), {
    message: '--ignore: there is no rule "equal-priority"; the nearest is equal-priorities.',
  });
  await t.throwsAsync(
    goodPair({ [B]: swap('advert_int', '# amphora-testbed: ignore equal\n    advert_int') }),
    {
      message: /^b\/etc\/keepalived\/keepalived\.conf:21: there is no rule "equal"; the nearest is /,
    },
  );
});
