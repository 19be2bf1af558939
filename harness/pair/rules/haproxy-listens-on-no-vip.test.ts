import { finds, PROXIES, spares, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'an own address instead', { [PROXIES]: swap('192.0.2.10:80', '192.0.2.11:80') }, [
  'a/etc/haproxy/haproxy.cfg',
  'bind',
]);
spares(import.meta.filename, 'every address', { [PROXIES]: swap('192.0.2.10:80', ':80') });
