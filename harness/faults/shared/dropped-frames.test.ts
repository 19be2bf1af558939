import test from 'ava';
import type { LabNode } from '../../lab/lab.ts';
import { dropRuleset, silenced } from './dropped-frames.ts';

const PORTS = ['amphora-1', 'amphora-2'];
const from = { instance: { name: 'amphora-2' } } as LabNode;

test('lost advertisements are lost between all amphorae', (t) => {
  t.true(
    dropRuleset({ kind: 'advertisements' }, PORTS).includes(
      'iifname { "amphora-1", "amphora-2" } meta l4proto 112 drop',
    ),
  );
});

test('advertisements of one amphora are lost one way, a share of them at random', (t) => {
  const ruleset = dropRuleset({ kind: 'advertisements', from, percent: 30 }, PORTS);
  t.regex(ruleset, /iifname "amphora-2" meta l4proto 112 numgen random mod 10000 < 3000 drop/);
  const few = dropRuleset({ kind: 'advertisements', percent: 0.05 }, PORTS);
  t.regex(few, / mod 10000 < 5 drop/);
  const all = dropRuleset({ kind: 'advertisements', percent: 100 }, PORTS);
  t.is(all, dropRuleset({ kind: 'advertisements' }, PORTS), 'nft takes no bound that is always met');
});

test('lost announcements are those of one amphora for one address, and no other ARP', (t) => {
  const ruleset = dropRuleset({ kind: 'announcements', from, address: '172.16.1.10' }, PORTS);
  t.regex(ruleset, /iifname "amphora-2" arp saddr ip 172\.16\.1\.10 arp daddr ip 172\.16\.1\.10 drop/);
});

test('an IPv6 address is announced by neighbour advertisements', (t) => {
  const ruleset = dropRuleset({ kind: 'announcements', from, address: 'fd00::10' }, PORTS);
  t.regex(ruleset, /icmpv6 type nd-neighbor-advert @th,64,128 0xfd000{26}10 drop/);
});

test('silenced ports are silent in both directions, until that is over', (t) => {
  const { silent, over } = silenced(PORTS);
  t.regex(
    silent.stdin,
    /iifname \{ "amphora-1", "amphora-2" \} drop\n {4}oifname \{ "amphora-1", "amphora-2" \} drop/,
  );
  t.is(over.stdin, 'delete table bridge silence\n');
});

test('lost peers are lost in both directions', (t) => {
  const ruleset = dropRuleset({ kind: 'peers', port: 1025 }, PORTS);
  t.regex(ruleset, /tcp dport 1025 drop\n {4}tcp sport 1025 drop/);
});
