import test from 'ava';
import { identifierOf } from './overlay.ts';

const identifier = (files: Readonly<Record<string, string>>) =>
  identifierOf({
    name: 'a',
    files: new Map(Object.entries(files).map(([path, text]) => [path, { text, executable: false }])),
  });

test("keepalived's identifier is that of its options, or the machine's name up to a dot", (t) => {
  t.is(identifier({ 'etc/hostname': 'lb1.example.org\n' }), 'lb1');
  const options = {
    'etc/hostname': 'lb1\n',
    'etc/default/keepalived': '# -i none\nDAEMON_ARGS="-D -i high"\n',
  };
  t.is(identifier(options), 'high');
  t.is(identifier({ 'etc/default/keepalived': 'DAEMON_ARGS="--config-id=low --vrrp"\n' }), 'low');
  t.is(identifier({ 'etc/default/keepalived': 'DAEMON_ARGS=""\n' }), undefined);
});
