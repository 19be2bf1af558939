import { finds, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a frontend on one node only',
  { 'a/etc/haproxy/haproxy.cfg': swap('bind 192.0.2.10:80', 'bind 192.0.2.10:80\n    bind 192.0.2.10:443') },
  ['a/etc/haproxy/haproxy.cfg', ':443'],
);
