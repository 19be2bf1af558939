import { A, BOTH, CHECKS, finds, gone, spares, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'a check script that was not copied', { [CHECKS]: gone }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
spares(import.meta.filename, 'a program of a package', {
  [BOTH]: swap('/etc/keepalived/check-haproxy.sh', '/usr/bin/pidof haproxy'),
});
finds(
  import.meta.filename,
  'a check script that a shell is given, and that was not copied',
  { [CHECKS]: gone, [BOTH]: swap('script "/etc', 'script "sh /etc') },
  [A, 'script "sh /etc/keepalived/check-haproxy.sh"'],
);
