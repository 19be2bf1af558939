import test from 'ava';
import { decodeAddressLine, decodeNeighbourLine } from './netlink.ts';

test('an address that came or went is read with its instant', (t) => {
  const line =
    '[2026-01-31T12:00:00.123456] 3: eth1    inet 172.16.1.10/32 scope global eth1\\       valid_lft forever';
  t.deepEqual(decodeAddressLine(line, 'amphora-1'), {
    kind: 'address',
    atNs: String(BigInt(Date.UTC(2026, 0, 31, 12)) * 1_000_000n + 123_456_000n),
    node: 'amphora-1',
    change: 'added',
    interface: 'eth1',
    address: '172.16.1.10',
  });
  t.is(decodeAddressLine(line.replace('] 3', '] Deleted 3'), 'amphora-1')?.change, 'removed');
});

test('a neighbour entry is read with its MAC, or without one when it failed', (t) => {
  const stamp = '[2026-01-31T12:00:00.123456]';
  t.like(decodeNeighbourLine(`${stamp} 172.16.1.10 dev vip0 lladdr fa:16:3e:00:00:02 STALE`, 'router'), {
    mac: 'fa:16:3e:00:00:02',
    state: 'STALE',
  });
  t.is(decodeNeighbourLine(`${stamp} 172.16.1.10 dev vip0 FAILED`, 'router')?.mac, undefined);
});
