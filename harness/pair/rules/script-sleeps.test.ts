import { A, BOTH, CHECKS, finds, put, spares, swaps } from '../pair.fixture.ts';

const RESTARTS = put(
  '#!/bin/bash\nif ! pidof haproxy; then\n  systemctl start haproxy\n  sleep 2\n  pidof haproxy || exit 1\nfi\n',
);

finds(import.meta.filename, 'as long as its time-out', { [CHECKS]: RESTARTS }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
spares(import.meta.filename, 'the time-out is longer', {
  [CHECKS]: RESTARTS,
  [BOTH]: swaps(['timeout 1', 'timeout 3'], ['interval 2', 'interval 4']),
});
spares(import.meta.filename, 'a short one', { [CHECKS]: put('#!/bin/sh\nsleep 0.1\npidof haproxy\n') });
