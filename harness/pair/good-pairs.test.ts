import test from 'ava';
import type { Overlay } from './configuration/overlay.ts';
import { readPair } from './configuration/pair.ts';
import { examine } from './examine.ts';
import { allRules } from './rule.ts';

/** Files by node and path, as short as they can be. */
type Nodes = Readonly<Record<string, Readonly<Record<string, string>>>>;

const CONF = 'etc/keepalived/keepalived.conf';
const CFG = 'etc/haproxy/haproxy.cfg';
const WEB =
  'frontend web\n  bind *:80\n  default_backend b\nbackend b\n  server w1 10.0.9.1:80\n  server w2 10.0.9.2:80\n';

const instance = (name: string, id: number, priority: number, address: string, more = '') =>
  `vrrp_instance ${name} { state BACKUP
    interface eth0
    virtual_router_id ${id}
    priority ${priority}
    garp_master_refresh 5
    ${more}
    virtual_ipaddress { ${address} }
  }\n`;

/** Two instances, each node master of one, in sync groups of their own. */
const activeActive = (first: number, second: number) =>
  `vrrp_script up { script "/usr/bin/curl --fail --max-time 0.8 http://127.0.0.1/"\n}
  ${instance('web', 10, first, '10.0.0.10/24')}${instance('mail', 11, second, '10.0.0.11/24')}
  vrrp_sync_group one { group { web } track_script { up } }\nvrrp_sync_group two {\n group {\n mail\n }\n track_script\n {\n up\n }\n}\n`;

/** Which of three serves is a matter of a process that keepalived watches by itself. */
const third = (priority: number) =>
  `vrrp_track_process haproxy { process haproxy
    weight 30 }
  ${instance('web', 20, priority, '10.0.0.20', 'track_process { haproxy weight 30 }')}`;

const sixth = (priority: number) =>
  `global_defs { vrrp_version 3 }\n${instance('web', 30, priority, '2001:db8::10/64', 'advert_int 0.1')}`;

const PAIRS: Readonly<Record<string, Nodes>> = {
  'two instances, active-active over multicast': {
    a: { [CONF]: activeActive(150, 100), [CFG]: WEB },
    b: { [CONF]: activeActive(100, 150), [CFG]: WEB },
  },
  'VMAC with preempt_delay': {
    a: {
      [CONF]: instance('web', 40, 200, '10.0.0.40', 'use_vmac vrrp40\n vmac_xmit_base\n preempt_delay 30'),
    },
    b: {
      [CONF]: instance('web', 40, 100, '10.0.0.40', 'use_vmac vrrp40\n vmac_xmit_base\n preempt_delay 30'),
    },
  },
  'VRRP 3 over IPv6, ten times a second': { a: { [CONF]: sixth(101) }, b: { [CONF]: sixth(100) } },
  'three nodes, whose priorities a process changes': {
    a: { [CONF]: third(120), [CFG]: WEB },
    b: { [CONF]: third(110), [CFG]: WEB },
    c: { [CONF]: third(100), [CFG]: WEB },
  },
  'definitions and included files': {
    a: {
      [CONF]: '$PRIO=101\ninclude conf.d/*.conf\n',
      'etc/keepalived/conf.d/web.conf': instance('web', 50, 0, '10.0.0.50').replace(
        'priority 0',
        'priority $PRIO',
      ),
    },
    b: {
      [CONF]: '$PRIO=100\ninclude /etc/keepalived/conf.d/*.conf\n',
      'etc/keepalived/conf.d/web.conf': instance('web', 50, 0, '10.0.0.50').replace(
        'priority 0',
        'priority $PRIO',
      ),
    },
  },
};

for (const [what, nodes] of Object.entries(PAIRS)) {
  test(`no complaint about a good pair: ${what}`, async (t) => {
    const overlays = Object.entries(nodes).map(
      ([name, files]): Overlay => ({
        name,
        files: new Map(Object.entries(files).map(([path, text]) => [path, { text, executable: false }])),
      }),
    );
    const pair = readPair(overlays, { packages: [] });
    t.true(pair.nodes.every(({ vrrp }) => vrrp.instances.length > 0));
    t.deepEqual(examine(pair, await allRules()), []);
  });
}
