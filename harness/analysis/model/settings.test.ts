import test from 'ava';
import { settingChanges, settingsOf } from './settings.ts';

const keepalived = (
  more: { readonly priority?: number; readonly id?: string; readonly state?: string } = {},
) => `
! a comment
vrrp_script check_script {
    interval 5
    fall 2 # twice
}
vrrp_instance ${more.id ?? 'a083ffdb21c341e7ac591c279be21048'} {
${more.state === undefined ? '' : `    state ${more.state}\n`}    priority ${more.priority ?? 90}
    unicast_peer {
        172.16.1.3
    }
}
`;
const haproxy = (timeout: number, peer: string) => `# for a083ffdb-21c3-41e7-ac59-1c279be21048
peers a083ffdb21c341e7ac591c279be21048_peers
    peer ${peer} 172.16.1.3:1025

backend f3b3b1a0-1c1c-4b7e-9b59-2f6a8f1f7c22
    timeout connect 5000
    timeout server ${timeout}
`;
const pair = (first: string, second: string, cfg = haproxy(50_000, 'O08zAgUhIv9TEXhyYZf2iHdxOkA')) => ({
  'amphora-1': {
    'keepalived.conf': settingsOf('keepalived.conf', first),
    'haproxy.cfg': settingsOf('haproxy.cfg', cfg),
  },
  'amphora-2': {
    'keepalived.conf': settingsOf('keepalived.conf', second),
    'haproxy.cfg': settingsOf('haproxy.cfg', cfg),
  },
});

test('a setting that changed is named with amphora, file, old and new', (t) => {
  const [before, after] = [
    pair(keepalived(), keepalived()),
    pair(keepalived(), keepalived({ priority: 40 })),
  ];
  t.deepEqual(settingChanges(before, after), ['amphora-2, keepalived.conf: priority 90 → 40']);
});

test('identifiers, comments and names of peers are no difference', (t) => {
  const other = keepalived({ id: '0c1de2f3000040008000000000000001' }).replace('! a comment', '');
  const one = pair(keepalived(), keepalived());
  t.deepEqual(settingChanges(one, pair(other, other, haproxy(50_000, 'rjkck9N-6pPiCxQH6YMeXeeO2nY'))), []);
});

test('a setting that came or went is named as such, with its section where it has another', (t) => {
  const before = pair(keepalived({ state: 'MASTER' }), keepalived());
  const after = pair(keepalived(), keepalived().replace('fall 2 # twice', 'fall 3'), haproxy(100, 'x'));
  t.deepEqual(settingChanges(before, after), [
    'amphora-1, keepalived.conf: state MASTER removed',
    'amphora-2, keepalived.conf: vrrp_script: fall 2 → 3',
    'amphora-1 and amphora-2, haproxy.cfg: backend: timeout server 50000 → 100',
  ]);
  t.deepEqual(settingChanges(after, before)[0], 'amphora-1, keepalived.conf: state MASTER added');
});

test('a line that stands twice counts twice', (t) => {
  const twice = keepalived().replace('172.16.1.3', '172.16.1.3\n172.16.1.3');
  t.deepEqual(settingChanges(pair(keepalived(), keepalived()), pair(twice, keepalived())), [
    'amphora-1, keepalived.conf: vrrp_instance/unicast_peer: 172.16.1.3 added',
  ]);
});

test('an amphora of which only one side is known is not compared', (t) => {
  t.deepEqual(settingChanges({}, pair(keepalived(), keepalived())), []);
});
