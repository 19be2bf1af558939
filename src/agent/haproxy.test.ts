import test from 'ava';
import { vipsOf } from './haproxy.ts';

test('the VIPs of a configuration are what it binds, without the inner ports', (t) => {
  const text = [
    'frontend prometheus-exporter-internal-endpoint',
    '    bind 127.0.0.1:9101',
    'frontend a',
    '    bind 172.16.1.10:80',
    '    bind 2001:db8:1::10:80',
    'frontend b',
    '    bind 172.16.1.10:443 ssl crt-list /x',
  ].join('\n');
  t.deepEqual(vipsOf(text), ['172.16.1.10', '2001:db8:1::10']);
});
