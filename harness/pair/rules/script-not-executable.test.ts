import { A, BOTH, CHECKS, finds, spares, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'mode 644', { [CHECKS]: (text) => ({ text, executable: false }) }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
spares(import.meta.filename, 'a script that a shell is given', {
  [CHECKS]: (text) => ({ text, executable: false }),
  [BOTH]: swap('script "/etc', 'script "/bin/sh /etc'),
});
