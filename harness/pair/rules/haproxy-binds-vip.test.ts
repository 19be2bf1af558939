import { finds, gone, PROXIES, spares, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'no ip_nonlocal_bind', { '*/etc/sysctl.d/90-vip.conf': gone }, [
  'a/etc/haproxy/haproxy.cfg',
  'bind',
]);
spares(import.meta.filename, 'transparent', {
  '*/etc/sysctl.d/90-vip.conf': gone,
  [PROXIES]: swap('192.0.2.10:80', '192.0.2.10:80 transparent'),
});
spares(import.meta.filename, 'every address', {
  '*/etc/sysctl.d/90-vip.conf': gone,
  [PROXIES]: swap('192.0.2.10:80', '*:80'),
});
