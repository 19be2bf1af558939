import test from 'ava';
import { securityGroupRuleset } from './security-group.ts';

test('sources of both versions of IP, and one within another, are rules of their own', (t) => {
  const remote = ['198.51.100.0/24', '198.51.100.10/32', '2001:db8:2::/64'];
  const rules = securityGroupRuleset([{ protocol: 'tcp', port: 80, remote }]).split('\n');
  t.deepEqual(
    rules.filter((rule) => rule.includes('dport 80')).map((rule) => rule.trim()),
    [
      'ip saddr 198.51.100.0/24 tcp dport 80 accept',
      'ip saddr 198.51.100.10/32 tcp dport 80 accept',
      'ip6 saddr 2001:db8:2::/64 tcp dport 80 accept',
    ],
  );
});

test('a rule without sources is for all', (t) => {
  t.true(securityGroupRuleset([{ protocol: 112 }]).includes('    meta l4proto 112 accept\n'));
});
