import { A, CHECKS, finds, put } from '../pair.fixture.ts';

finds(import.meta.filename, 'no #!', { [CHECKS]: put('pidof haproxy\n', true) }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
