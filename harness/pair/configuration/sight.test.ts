import test from 'ava';
import { HAPROXY_CFG, KEEPALIVED_CONF, type Overlay } from './overlay.ts';
import { readPair } from './pair.ts';
import { commandsOf } from './scripts.ts';
import { checkWaitsMs, sightOf } from './sight.ts';

const PATH = 'etc/keepalived/check.sh';
const CFG = 'frontend web\n  bind 10.0.0.10:80\n  bind :8443\n';
const INSTANCE = `vrrp_instance V {
  unicast_src_ip 10.0.0.2
  virtual_ipaddress { 10.0.0.10 }
  track_script { chk }
}
`;

/** What a check notices: a command line, or the text of a script. */
function seen(check: string) {
  const script = check.startsWith('#!') ? { [PATH]: check } : {};
  const command = check.startsWith('#!') ? `/${PATH}` : check;
  const files = {
    [KEEPALIVED_CONF]: `vrrp_script chk {\n script "${command}"\n}\n${INSTANCE}`,
    [HAPROXY_CFG]: CFG,
    ...script,
  };
  const overlay: Overlay = {
    name: 'a',
    files: new Map(Object.entries(files).map(([path, text]) => [path, { text, executable: true }])),
  };
  const [node] = readPair([overlay], { packages: [] }).nodes;
  const [first] = node ? commandsOf(node) : [];
  if (!first) throw new Error('There is no check.');
  return sightOf(first);
}

const sh = (text: string) => `#!/bin/sh\n${text}\n`;

for (const [sight, checks] of Object.entries({
  hang: [
    '/usr/bin/curl -f http://localhost/',
    '/usr/bin/curl -fk https://127.0.0.1:8443/health',
    sh('# pidof nginx\nwget -q -O /dev/null http://[::1]:80/ || exit 1'),
    sh('curl -sf http://10.0.0.2:80/ >/dev/null'),
    sh('curl -sf http://10.0.0.10/'),
    sh('echo "show info" | socat stdio /run/haproxy/admin.sock | grep -q Uptime'),
    sh('pidof haproxy && curl -sf http://$HOST/'),
  ],
  death: [
    '/usr/bin/killall -0 haproxy',
    '/usr/bin/pkill -0 haproxy',
    '/usr/bin/pgrep haproxy',
    "/bin/sh -c 'kill -0 $(cat /run/haproxy.pid)'",
    'systemctl is-active --quiet haproxy',
    sh('service haproxy status'),
    sh('ps -C haproxy --no-headers | grep -q .'),
    sh('ps aux | grep [h]aproxy'),
    '/bin/nc -z 127.0.0.1 80',
    sh("ss -ltn | grep -q ':8443 '"),
    '/bin/bash -c "</dev/tcp/127.0.0.1/80"',
  ],
  nothing: [
    '/bin/true',
    sh('pidof haproxy || true'),
    sh('ping -c 1 -W 1 10.0.0.1'),
    sh('[ ! -f /etc/keepalived/down ]'),
    sh('test ! -e /tmp/maintenance'),
  ],
  unknown: [
    '/usr/local/bin/check',
    '#!/usr/bin/python3\nimport socket\n',
    sh('curl -sf http://10.9.9.9/'),
    sh('curl -sf http://127.0.0.1:9999/'),
    sh('pidof nginx'),
    sh('pidof haproxy || systemctl start haproxy'),
    sh('pidof haproxy || systemctl stop keepalived'),
    sh('killall keepalived'),
    sh('/opt/vendor/check haproxy'),
  ],
})) {
  for (const check of checks)
    test(`${sight}: ${JSON.stringify(check)}`, (t) => {
      t.is(seen(check).sight, sight as never, seen(check).because);
    });
}

test('curl says when it gives up', (t) => {
  t.is(seen('/usr/bin/curl -f -m 3 http://localhost/').givesUpMs, 3000);
  t.is(seen(sh('curl --silent --max-time 0.8 http://localhost/')).givesUpMs, 800);
  t.is(seen('/usr/bin/curl -f --connect-timeout 1 http://localhost/').givesUpMs, undefined);
});

test('how long a check waits for a HAProxy that hangs is read from its command, or is what keepalived allows', (t) => {
  const waits = (command: string, more = '') => {
    const conf = `vrrp_script chk {\n script "${command}"\n interval 3\n${more}}\n${INSTANCE.replace('{', '{\n track_script { chk }\n')}`;
    const texts = Object.entries({ [KEEPALIVED_CONF]: conf, [HAPROXY_CFG]: CFG });
    const files = new Map(texts.map(([path, text]) => [path, { text, executable: true }]));
    const [node] = readPair([{ name: 'a', files }], { packages: [] }).nodes;
    return node && checkWaitsMs(node);
  };
  t.is(waits('/usr/bin/curl -sfm 0.8 http://127.0.0.1/'), 800);
  t.is(waits('/usr/bin/curl --silent --max-time=2 http://127.0.0.1/'), 2000);
  t.is(waits('/usr/bin/timeout 2s curl -m 5 http://127.0.0.1/'), 2000);
  t.is(waits('/usr/bin/wget -q -T 4 -O /dev/null http://127.0.0.1/'), 4000);
  t.is(waits('/usr/bin/curl -sf http://127.0.0.1/'), 3000);
  t.is(waits('/usr/bin/curl -sf http://127.0.0.1/', ' timeout 2\n'), 2000);
  t.is(waits('/usr/local/bin/ask-haproxy'), undefined);
});
