import test from 'ava';
import { readKeepalived } from '../../syntax/keepalived.ts';
import { preempts, vrrpOf } from './vrrp.ts';

/** What an instance of these lines begins as, and its priority. */
const begins = (...lines: readonly string[]) => {
  const text = `vrrp_instance VI {\n interface eth0\n ${lines.join('\n ')}\n}\n`;
  const [instance] = vrrpOf('a', readKeepalived({ file: 'k', text }).statements).instances;
  return instance && [instance.state.value, instance.priority.value, preempts(instance)];
};

test('an instance begins as its state says, and without one as its priority does', (t) => {
  t.deepEqual(begins(), ['BACKUP', 100, true]);
  t.deepEqual(begins('priority 255'), ['MASTER', 255, true]);
  t.deepEqual(begins('state MASTER'), ['MASTER', 255, true]);
  t.deepEqual(begins('state BACKUP', 'priority 90', 'nopreempt'), ['BACKUP', 90, false]);
});

test('a word that keepalived does not know is BACKUP: capitals count', (t) => {
  t.deepEqual(begins('state SLAVE'), ['BACKUP', 100, true]);
  t.deepEqual(begins('state master', 'nopreempt'), ['BACKUP', 100, false]);
  t.deepEqual(begins('state MASTER', 'state EQUAL'), ['BACKUP', 100, true]);
});

/** The version of IP and of VRRP of an instance of these lines. */
const speaks = (...lines: readonly string[]) => {
  const text = `vrrp_instance VI {\n interface eth0\n ${lines.join('\n ')}\n}\n`;
  const [instance] = vrrpOf('a', readKeepalived({ file: 'k', text }).statements).instances;
  return instance && [instance.family, instance.version.value];
};

test('the first announced address decides which IP and VRRP an instance speaks; excluded ones do not', (t) => {
  t.deepEqual(
    speaks('virtual_ipaddress { 192.0.2.1 }', 'virtual_ipaddress_excluded { 2001:db8::1 }'),
    [4, 2],
  );
  t.deepEqual(
    speaks('virtual_ipaddress { 2001:db8::1 }', 'virtual_ipaddress_excluded { 192.0.2.1 }'),
    [6, 3],
  );
  t.deepEqual(speaks('virtual_ipaddress_excluded { 2001:db8::1 }'), [4, 2]);
  t.deepEqual(speaks('unicast_peer { 2001:db8::9 }'), [6, 3]);
});

test('a BACKUP after MASTER is ignored', (t) => {
  t.deepEqual(begins('state MASTER', 'state BACKUP', 'priority 90'), ['MASTER', 90, true]);
  t.deepEqual(begins('state BACKUP', 'state MASTER', 'priority 90'), ['MASTER', 90, true]);
});

test("in strict mode only the address's owner begins as master", (t) => {
  t.deepEqual(begins('strict_mode', 'state MASTER', 'priority 90', 'nopreempt'), ['BACKUP', 90, false]);
});
