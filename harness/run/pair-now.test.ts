import test from 'ava';
import type { LabNode } from '../lab/lab.ts';
import { readVipSide, rolesOf } from './pair-now.ts';

const VIP = '172.16.1.10';

function machine(name: string, priority: number, ...addresses: string[]) {
  const instance = { name, containerName: name, containerId: name, pid: 1 };
  const node: LabNode = {
    ...{ id: name, compute_id: name, vrrp_ip: '', vrrp_interface: 'eth1', vrrp_priority: priority, instance },
  };
  return { node, addresses, forwards: true };
}

/** As ip(8) of iproute2 6.1 writes it, without what is not read. */
const said = (forwarding: boolean) =>
  [
    [
      { ifindex: 1, ifname: 'lo', addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8 }] },
      { ifindex: 2, ifname: 'eth1', addr_info: [{ family: 'inet', local: VIP, prefixlen: 32 }] },
      { ifindex: 3, ifname: 'eth2', addr_info: [] },
    ],
    [
      { family: 'inet', interface: 'eth1', forwarding: !forwarding },
      { family: 'inet', interface: 'all', forwarding },
      { family: 'inet', interface: 'default', forwarding: !forwarding },
      { family: 'inet6', interface: 'all', forwarding: !forwarding },
    ],
  ]
    .map((each) => `${JSON.stringify(each)}\n`)
    .join('');

test('the addresses of all interfaces are read, and whether the machine forwards IPv4', (t) => {
  t.deepEqual(readVipSide(said(true)), { addresses: ['127.0.0.1', VIP], forwards: true });
  t.false(readVipSide(said(false)).forwards);
});

test('the machine with the VIP is the master, and the next in the election its backup', (t) => {
  const machines = [machine('a', 90), machine('b', 100, VIP), machine('c', 95)];
  const { master, backup, others } = rolesOf(machines, VIP);
  t.deepEqual(
    [master, backup, ...others].map(({ id }) => id),
    ['b', 'c', 'a'],
  );
});

test('a machine that is alone is its own backup', (t) => {
  const { master, backup, others } = rolesOf([machine('a', 100, VIP)], VIP);
  t.is(master, backup);
  t.deepEqual(others, []);
});

test('without a holder, and with two, there are no roles', (t) => {
  const holding = (...names: string[]) =>
    ['a', 'b'].map((name) => machine(name, 100, ...(names.includes(name) ? [VIP] : [])));
  t.throws(() => rolesOf(holding(), VIP), { message: /; 0 of 2 machines hold it/ });
  t.throws(() => rolesOf(holding('a', 'b'), VIP), { message: /; 2 of 2 machines hold it/ });
});
