import { A, BOTH, CHECKS, finds, put, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'killall -0',
  { [BOTH]: swap('"/etc/keepalived/check-haproxy.sh"', '"killall -0 haproxy"') },
  [A, 'killall'],
);
finds(import.meta.filename, 'killall in a script', { [CHECKS]: put('#!/bin/sh\nkillall -0 haproxy\n') }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
spares(
  import.meta.filename,
  'pair.yaml names the package',
  { [BOTH]: swap('"/etc/keepalived/check-haproxy.sh"', '"killall -0 haproxy"') },
  ['psmisc'],
);
spares(import.meta.filename, 'a comment names it', {
  [CHECKS]: put('#!/bin/sh\n# not killall\npidof haproxy\n'),
});
