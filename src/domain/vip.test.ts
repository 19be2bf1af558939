import test from 'ava';
import { routingTables } from './vip.ts';

test('a VIP of another subnet has a routing table of its own, one of another version of IP needs none', (t) => {
  const vip = (ip_address: string, subnet_cidr: string) => ({ ip_address, subnet_cidr });
  t.deepEqual(
    routingTables([
      vip('172.16.1.10', '172.16.1.0/24'),
      vip('172.16.1.11', '172.16.1.0/24'),
      vip('2001:db8:1::10', '2001:db8:1::/64'),
      vip('172.16.2.10', '172.16.2.0/24'),
      vip('2001:db8:3::10', '2001:db8:3::/64'),
    ]),
    [1, 1, 1, 2, 2],
  );
});
