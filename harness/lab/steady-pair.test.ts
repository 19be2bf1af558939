import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { readState } from './keepalived-state.ts';
import type { Lab } from './lab.ts';
import {
  type Member,
  NotSteady,
  sharesTables,
  strangers,
  unsteadiness,
  untilSteady,
  withoutFallen,
} from './steady-pair.ts';

/** As 2.2.7 writes it on SIGUSR1, without what is not read. */
const BACKUP = `------< VRRP Topology >------
 VRRP Instance = lb
   VRRP Version = 2
   State = BACKUP
   Master router = 172.16.1.3
   Master priority = 100
   Flags:
     Using unicast
   Wantstate = BACKUP
   Number of config faults = 0
   Number of interface and track script faults = 0
   Number of track scripts init = 0
   Interface = eth1
   Using src_ip = 172.16.1.7 (from configuration)
   Priority = 90
   Effective priority = 90
   Preempt = disabled
   Check unicast src : no
   Unicast Peer :
     172.16.1.3 min_ttl 0 max_ttl 255
   Unicast checksum compatibility = no
   Tracked scripts :
     check_script weight 0
------< VRRP Sockpool >------
 fd_in 13 fd_out = 14
------< VRRP Scripts >------
 VRRP Script = check_script
   Command = '/var/lib/octavia/vrrp/check_script.sh'
   Weight = 0
   Rise = 2
   Fall = 2
   Result = 3
   Status = GOOD
   State = idle
------< Interfaces >------
 Name = eth1
   State = UP, RUNNING
------< Neighbours >------
172.16.1.3 dev eth1 lladdr fa:16:3e:00:00:01 STALE
172.16.1.101 dev eth1  FAILED
`;
const MASTER = BACKUP.replace(
  'State = BACKUP\n   Master router = 172.16.1.3\n   Master priority = 100',
  'State = MASTER',
)
  .replace(/Effective priority = 90/, 'Effective priority = 100')
  .replace('172.16.1.3 min_ttl', '172.16.1.7 min_ttl')
  .replace('172.16.1.3 dev eth1 lladdr fa:16:3e:00:00:01', '172.16.1.7 dev eth1 lladdr fa:16:3e:00:00:02');

const stateIn = (text: string) => {
  const [dump = '', known = ''] = text.split('------< Neighbours >------');
  return readState(dump, known);
};
const pair = (first: string, second: string): readonly Member[] => [
  { name: 'amphora-1', vrrpIp: '172.16.1.3', keepalived: stateIn(first) },
  { name: 'amphora-2', vrrpIp: '172.16.1.7', keepalived: stateIn(second) },
];

test('keepalived says what it is, whom it hears, and how its checks are', (t) => {
  t.deepEqual(stateIn(BACKUP), {
    state: 'BACKUP',
    master: { ip: '172.16.1.3', priority: 100 },
    priority: 90,
    preempts: false,
    peers: ['172.16.1.3'],
    neighbours: ['172.16.1.3'],
    faults: 0,
    unknown: 0,
    checks: [{ name: 'check_script', risen: true, fallen: false }],
  });
  t.is(readState('------< Global definitions >------\n', ''), undefined);
});

test('a pair is steady with one master, one backup that hears it, and checks that have risen', (t) => {
  t.is(unsteadiness(pair(MASTER, BACKUP)), undefined);
});

test('who does not know the MAC of a peer would not be heard by it', (t) => {
  t.is(strangers(pair(MASTER, BACKUP)), undefined);
  const unmet = BACKUP.replace('lladdr fa:16:3e:00:00:01 STALE', ' INCOMPLETE');
  t.is(strangers(pair(MASTER, unmet)), 'amphora-2 is not sure of the MAC of 172.16.1.3');
  for (const state of ['DELAY', 'PROBE'])
    t.is(strangers(pair(MASTER, BACKUP.replace('STALE', state))), strangers(pair(MASTER, unmet)));
  t.is(strangers(pair(MASTER, BACKUP.replace('STALE', 'REACHABLE '))), undefined);
  t.is(strangers(pair(MASTER, BACKUP.split('------< Neighbours')[0] ?? '')), strangers(pair(MASTER, unmet)));
});

test('tables are shared where HAProxy has one that its peers get', (t) => {
  const tables: Readonly<Record<string, boolean>> = {
    '  stick-table type ip size 10k peers lb_peers\n': true,
    'peers lb_peers\n  table sessions type ip size 10k\n': true,
    '  stick-table type ip size 10k\n': false,
    'peers lb_peers\n  peer a 172.16.1.3:1025\n': false,
  };
  for (const [haproxy, shared] of Object.entries(tables)) t.is(sharesTables({ haproxy }), shared, haproxy);
});

test('a check that has fallen keeps a pair from being steady, unless it fails for good', (t) => {
  const falling = (result: number) =>
    MASTER.replace('Result = 3', `Result = ${result}`).replace('Status = GOOD', 'Status = BAD');
  t.regex(unsteadiness(pair(falling(0), BACKUP)) ?? '', /check_script of amphora-1 has not risen/);
  t.is(unsteadiness(pair(falling(0), BACKUP).map(withoutFallen)), undefined);
  t.regex(unsteadiness(pair(falling(1), BACKUP).map(withoutFallen)) ?? '', /has not risen/);
});

const UNSTEADY: Readonly<Record<string, readonly [first: string, second: string, says: RegExp]>> = {
  'two masters': [MASTER, MASTER, /amphora-1 is MASTER, amphora-2 is MASTER/],
  'two backups': [BACKUP, BACKUP, /is BACKUP, amphora-2 is BACKUP/],
  'a backup in FAULT': [MASTER, BACKUP.replace('State = BACKUP', 'State = FAULT'), /amphora-2 is FAULT/],
  'a keepalived that does not answer': [MASTER, '', /amphora-2 does not say/],
  'a backup that hears a stranger': [
    MASTER,
    BACKUP.replace('router = 172.16.1.3', 'router = 172.16.1.9'),
    /hears 172\.16\.1\.9/,
  ],
  'a backup that has heard nobody': [
    MASTER,
    BACKUP.replace('router = 172.16.1.3', 'router = 0.0.0.0'),
    /hears 0\.0/,
  ],
  'a backup that will take the VIP back': [
    MASTER,
    BACKUP.replace('Effective priority = 90', 'Effective priority = 120').replace(
      'Preempt = disabled',
      'Preempt = enabled',
    ),
    /about to take the VIP back/,
  ],
  'peers that do not know each other': [
    MASTER,
    BACKUP.replace('172.16.1.3 min_ttl', '172.16.1.8 min_ttl'),
    /as its peers/,
  ],
  'a check that has not ended once': [
    MASTER,
    BACKUP.replace('scripts init = 0', 'scripts init = 1'),
    /checks that fail/,
  ],
  'a check that fails': [
    MASTER.replace('script faults = 0', 'script faults = 1'),
    BACKUP,
    /amphora-1 has checks/,
  ],
  'a check that has failed just now': [
    MASTER.replace('Result = 3', 'Result = 2'),
    BACKUP,
    /of amphora-1 has not risen/,
  ],
};
for (const [what, [first, second, says]] of Object.entries(UNSTEADY)) {
  test(`${what} is not steady`, (t) => {
    t.regex(unsteadiness(pair(first, second)) ?? 'steady', says);
  });
}

test('an amphora that is alone is steady once the health manager has heard it', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const alone = (heard: () => Promise<void>) => untilSteady({ nodes: [{}], heard } as unknown as Lab);
  let isHeard = false;
  const steady = alone(() => promise).then(() => t.true(isHeard));
  await setImmediate();
  isHeard = true;
  resolve();
  await steady;
  const never = async () => {
    throw new Error('This did not happen within 60 s, after 0 heartbeats and 0 rejected datagrams.');
  };
  await t.throwsAsync(alone(never), {
    instanceOf: NotSteady,
    message: /not heard every amphora.*after 0 heartbeats/,
  });
});
