import { A, BOTH, finds, put, spares, swap, swaps } from '../pair.fixture.ts';

finds(import.meta.filename, 'script security without a user', { [A]: swap('script_user root', '') }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
spares(import.meta.filename, 'the script names its user', {
  [BOTH]: swaps(['    script_user root', ''], ['rise 2', 'rise 2\n    user nobody']),
});
spares(import.meta.filename, 'the default user exists', {
  [BOTH]: swap('script_user root', ''),
  '*/etc/passwd': put('keepalived_script:x:101:101::/:/usr/sbin/nologin\n'),
});
