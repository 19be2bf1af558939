import test from 'ava';
import type { LabAmphora } from '../lab/lab.ts';
import { dropRuleset } from './drop.ts';

test('lost advertisements are lost between all amphorae', (t) => {
  t.true(dropRuleset({ kind: 'advertisements' }).includes('iifname "amphora-*" meta l4proto 112 drop'));
});

test('lost announcements are those of one amphora for one address, and no other ARP', (t) => {
  const from = { instance: { name: 'amphora-2' } } as LabAmphora;
  const ruleset = dropRuleset({ kind: 'gratuitous ARP', from, address: '172.16.1.10' });
  t.regex(ruleset, /iifname "amphora-2" arp saddr ip 172\.16\.1\.10 arp daddr ip 172\.16\.1\.10 drop/);
});
