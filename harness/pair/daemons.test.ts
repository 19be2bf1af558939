import test from 'ava';
import { readKeepalived } from '../syntax/keepalived.ts';
import { vrrpOf } from './configuration/vrrp.ts';
import { complaintsOf } from './daemons.ts';

const node = (name: string) => {
  const file = `${name}/etc/keepalived/keepalived.conf`;
  const text = '# of the test\n\nvrrp_instance LB2 {\n}\n';
  return { name, vrrp: vrrpOf(name, readKeepalived({ file, text }).statements) };
};

test('a complaint of keepalived has its file and line', (t) => {
  const output = `(/etc/keepalived/keepalived.conf: Line 12) Unknown keyword 'intervall'
(/etc/keepalived/conf.d/web.conf: Line 3) (VI_1) auth_pass longer than 8
(Line 2) Unknown keyword 'lvs_id'
(Line 2) of two
(LB2) Ignoring track_interface eth0 since own interface
(LB2) Warning - nopreempt will not work with initial state MASTER - clearing
Configuration test failed
`;
  t.like(complaintsOf('keepalived-t', node('b'), { exitCode: 4, output }), [
    { rule: 'keepalived-t', severity: 'warning', file: 'b/etc/keepalived/keepalived.conf', line: 12 },
    { file: 'b/etc/keepalived/conf.d/web.conf', line: 3, message: '(VI_1) auth_pass longer than 8' },
    { file: 'b/etc/keepalived/keepalived.conf', line: 2, message: "Unknown keyword 'lvs_id'; of two" },
    {
      file: 'b/etc/keepalived/keepalived.conf',
      line: 3,
      message: 'Ignoring track_interface eth0 since own interface',
    },
  ]);
});

test('a complaint of HAProxy has its file and line; its warnings do not count', (t) => {
  const output = `[NOTICE]   (77) : haproxy version is 2.6.12-1+deb12u1
[WARNING]  (77) : config : parsing [/etc/haproxy/haproxy.cfg:9] : a warning
[ALERT]    (77) : config : parsing [/etc/haproxy/haproxy.cfg:14] : unknown keyword 'servr' in 'backend' section
[ALERT]    (77) : config : Fatal errors found in configuration.
`;
  t.deepEqual(complaintsOf('haproxy-c', node('a'), { exitCode: 1, output }), [
    {
      ...{ rule: 'haproxy-c', severity: 'error', file: 'a/etc/haproxy/haproxy.cfg', line: 14 },
      message: "unknown keyword 'servr' in 'backend' section",
      advice: 'HAProxy does not start with it.',
    },
  ]);
});

test('no complaint, one without a place, and no answer', (t) => {
  t.deepEqual(
    complaintsOf('haproxy-c', node('a'), { exitCode: 0, output: 'Configuration file is valid' }),
    [],
  );
  t.like(complaintsOf('keepalived-t', node('a'), { exitCode: 1, output: 'Unable to open it\n' }), [
    { file: 'a/etc/keepalived/keepalived.conf', line: 1, message: 'Unable to open it' },
  ]);
  t.is(complaintsOf('keepalived-t', node('a'), { exitCode: 143, output: '' }), undefined);
});
