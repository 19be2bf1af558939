import { A, CHECKS, finds } from '../pair.fixture.ts';

finds(import.meta.filename, 'mode 644', { [CHECKS]: (text) => ({ text, executable: false }) }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
