import test from 'ava';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { renderLvs } from '../templates/lvs.ts';
import { healthMessage } from './health-message.ts';
import { virtualServices } from './ipvs.ts';
import { readLvsConfiguration } from './lvs-configuration.ts';
import { lvsReport } from './lvs-report.ts';

const LISTENER = '7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c002';
const POOL = '7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c003';
const member = (n: number) => `7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c10${n}`;

/** As ipvsadm 1.31 writes it. */
const LISTING = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  172.16.1.10:53 wrr
  -> 10.0.0.9:53                  Masq    1      0          7
UDP  172.16.1.10:53 wrr persistent 360
  -> 10.0.0.1:53                  Masq    1      2          1
  -> 10.0.0.2:53                  Masq    0      3          0
UDP  [2001:db8::10]:53 wrr
  -> [2001:db8:0:1::1]:53         Masq    5      4          0
`;
const STATISTICS = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  172.16.1.10:53                    900      900      900      900      900
  -> 10.0.0.9:53                       900      900      900      900      900
UDP  172.16.1.10:53                     12       40       38     4000     5000
  -> 10.0.0.1:53                        10       30       30     3000     4000
  -> 10.0.0.2:53                         2       10        8     1000     1000
UDP  [2001:db8::10]:53                   1        2        3      400      500
  -> [2001:db8:0:1::1]:53                1        2        3      400      500
`;

interface Wanted {
  readonly monitored?: boolean;
  readonly addresses?: readonly string[];
  readonly disabled?: readonly number[];
}

function configuration({ monitored = true, addresses = ['10.0.0.1'], disabled = [] }: Wanted = {}): string {
  const loadBalancer = parseLoadBalancer({
    name: 'lb1',
    vip_address: '172.16.1.10',
    additional_vips: [{ ip_address: '2001:0db8:0::10' }],
    listeners: [
      {
        id: LISTENER,
        protocol: 'UDP',
        protocol_port: 53,
        default_pool: {
          id: POOL,
          name: 'pool',
          protocol: 'UDP',
          members: addresses.map((address, n) => ({
            ...{ id: member(n), address, protocol_port: 53 },
            admin_state_up: !disabled.includes(n),
          })),
          ...(monitored && {
            healthmonitor: { type: 'UDP-CONNECT', delay: 5, timeout: 3, max_retries: 2 },
          }),
        },
      },
    ],
  });
  const [listener] = loadBalancer.listeners;
  if (!listener) throw new Error('There must be a listener.');
  return renderLvs({ loadBalancer, listener, vipAddress: '172.16.1.10' });
}

function told(wanted: Wanted, listing = LISTING, restarting = false) {
  const services = virtualServices(listing, STATISTICS);
  return lvsReport(LISTENER, readLvsConfiguration(configuration(wanted)), services, restarting);
}

test('a configuration is read as it was rendered: addresses of both versions, members with and without', (t) => {
  const read = readLvsConfiguration(
    configuration({ addresses: ['10.0.0.1', '10.0.0.2', '2001:db8:0:1::1'], disabled: [1] }),
  );
  t.deepEqual(read, {
    protocol: 'UDP',
    vips: ['172.16.1.10:53', '[2001:db8::10]:53'],
    disabled: false,
    poolId: POOL,
    members: [
      { id: member(0), server: '10.0.0.1:53' },
      { id: member(2), server: '[2001:db8:0:1::1]:53' },
      { id: member(1), server: undefined },
    ],
    monitored: true,
  });
});

test('members are reported in the words of HAProxy: served, drained, taken out, disabled', (t) => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '2001:db8:0:1::1'];
  const words = { [member(0)]: 'UP', [member(1)]: 'DRAIN', [member(2)]: 'DOWN', [member(3)]: 'MAINT' };
  const { pool } = told({ addresses, disabled: [3] });
  t.deepEqual(pool, { id: POOL, told: { status: 'UP', members: { ...words, [member(4)]: 'UP' } } });
});

test('while keepalived starts again, a member that is missing may only not have been checked yet', (t) => {
  const { pool } = told({ addresses: ['10.0.0.1', '10.0.0.3'] }, LISTING, true);
  t.deepEqual(pool?.told.members, { [member(0)]: 'UP', [member(1)]: 'RESTARTING' });
});

test('a pool whose members are all taken out is down; one that nobody checks never is', (t) => {
  const empty = 'IP Virtual Server version 1.2.1 (size=4096)\nUDP  172.16.1.10:53 wrr\n';
  t.deepEqual(told({}, empty).pool?.told, { status: 'DOWN', members: { [member(0)]: 'DOWN' } });
  t.deepEqual(told({ monitored: false }, empty).pool?.told, {
    status: 'UP',
    members: { [member(0)]: 'no check' },
  });
  t.deepEqual(told({ addresses: [] }, empty).pool?.told, { status: 'UP', members: {} });
  t.deepEqual(told({ monitored: false }).pool?.told.members, { [member(0)]: 'no check' });
});

test('counters are those of all addresses of the listener, told as differences', (t) => {
  const report = told({});
  const beat = (before = {}) => healthMessage({ id: 'a', seq: 0, statistics: [], lvs: [report], before });
  const first = beat();
  t.deepEqual(first.message.listeners, {
    [LISTENER]: { status: 'OPEN', stats: { tx: 5500, rx: 4400, conns: 9, totconns: 13, ereq: 0 } },
  });
  t.deepEqual(Object.keys(first.message.pools), [POOL]);
  t.deepEqual(beat(first.counters).message.listeners[LISTENER]?.stats, {
    ...{ tx: 0, rx: 0, conns: 9, totconns: 0, ereq: 0 },
  });
});

test('a listener without a pool is reported as well', (t) => {
  const bare = `# Configuration for Listener ${LISTENER}\n\nnet_namespace amphora-haproxy\n`;
  const report = lvsReport(LISTENER, readLvsConfiguration(bare), virtualServices('', ''), false);
  t.deepEqual(report, {
    listenerId: LISTENER,
    activeConnections: 0,
    totals: { bin: 0, bout: 0, stot: 0, ereq: 0 },
    pool: undefined,
  });
});
