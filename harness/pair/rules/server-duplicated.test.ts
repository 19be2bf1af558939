import { finds, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'the same address twice',
  { 'b/etc/haproxy/haproxy.cfg': swap('web2 192.0.2.22', 'web2 192.0.2.21') },
  ['b/etc/haproxy/haproxy.cfg', 'web2'],
);
