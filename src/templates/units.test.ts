import test from 'ava';
import { haproxyCheckScript, haproxyUnit, keepalivedUnit, lvsUnit, netnsUnit } from './units.ts';

test("keepalived's unit starts it in the namespace, and only once that is made", (t) => {
  const unit = keepalivedUnit();
  t.true(unit.includes('\nRequires=amphora-netns.service\n'));
  t.true(
    unit.includes(
      '\nExecStart=/sbin/ip netns exec amphora-haproxy /usr/sbin/keepalived --log-facility=1 -f /var/lib/octavia/vrrp/octavia-keepalived.conf -p /var/lib/octavia/vrrp/octavia-keepalived.pid\n',
    ),
  );
});

test('Rocky had keepalived log in detail', (t) => {
  t.regex(keepalivedUnit('rocky'), /keepalived -D -d -f /);
  t.regex(lvsUnit('listener', 'rocky'), /keepalived -D -d -f /);
});

test("HAProxy's unit checks the configuration before a reload, and reloads by USR2", (t) => {
  const unit = haproxyUnit({ id: 'lb', peer: 'me', limitNofile: 20_000 });
  const reload = [...unit.matchAll(/^ExecReload=(.*)$/gm)].map(([, command]) => command);
  t.deepEqual(reload, ['/usr/sbin/haproxy -c -f $CONFIG -f $USERCONFIG -L me', '/bin/kill -USR2 $MAINPID']);
  t.true(unit.includes('\nLimitNOFILE=20000\n'));
});

test('where NICs have been plugged since the boot, the namespace is left as it is, without a program', (t) => {
  t.regex(netnsUnit(), /^ConditionPathExists=!\/run\/octavia-plugged$/m);
});

test('an amphora without any HAProxy is not well, one whose HAProxy the agent has stopped is', (t) => {
  t.is(haproxyCheckScript('none yet'), 'exit 1\n');
  t.is(haproxyCheckScript([]), 'haproxy-vrrp-check ; exit $?\n');
  t.is(haproxyCheckScript(['/a.sock', '/b.sock']), 'haproxy-vrrp-check /a.sock /b.sock; exit $?\n');
});
