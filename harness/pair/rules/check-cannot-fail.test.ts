import { A, BOTH, CHECKS, finds, put, spares, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'exit 0 at the end', { [CHECKS]: put('#!/bin/sh\npidof haproxy\nexit 0\n') }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
finds(import.meta.filename, '|| true', { [CHECKS]: put('#!/bin/bash\n# check\npidof haproxy || true\n') }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
finds(
  import.meta.filename,
  '; exit 0',
  { [CHECKS]: put('#!/bin/sh\nsystemctl is-active haproxy; exit 0\n') },
  [A, 'script "/etc/keepalived/check-haproxy.sh"'],
);
finds(
  import.meta.filename,
  'a pipe that ends in wc',
  { [CHECKS]: put('#!/usr/bin/env bash\nps ax | grep haproxy | wc -l\n') },
  [A, 'script "/etc/keepalived/check-haproxy.sh"'],
);
finds(
  import.meta.filename,
  'echo in each branch',
  { [CHECKS]: put('#!/bin/sh\nif pidof haproxy; then\n  echo 0\nelse\n  echo 1\nfi\n') },
  [A, 'script "/etc/keepalived/check-haproxy.sh"'],
);
finds(import.meta.filename, 'true', { [BOTH]: swap('"/etc/keepalived/check-haproxy.sh"', '/bin/true') }, [
  A,
  'script /bin/true',
]);
finds(
  import.meta.filename,
  'sh -c',
  { [BOTH]: swap('"/etc/keepalived/check-haproxy.sh"', '"/bin/sh -c \'pidof haproxy; exit 0\'"') },
  [A, 'script "/bin/sh -c'],
);
spares(import.meta.filename, 'an exit code that is passed on', {
  [CHECKS]: put('#!/bin/sh\npidof haproxy\nexit $?\n'),
});
spares(import.meta.filename, 'exit 1 on a branch', {
  [CHECKS]: put('#!/bin/sh\npidof haproxy || exit 1\nexit 0\n'),
});
spares(import.meta.filename, 'a pipe that ends in grep', {
  [CHECKS]: put("#!/bin/sh\nss -ltn | grep -q ':80 '\n"),
});
spares(import.meta.filename, 'set -e', { [CHECKS]: put('#!/bin/sh\nset -e\npidof haproxy\nexit 0\n') });
spares(import.meta.filename, 'another language', { [CHECKS]: put('#!/usr/bin/python3\nprint(0)\n') });
spares(import.meta.filename, 'it stops keepalived by itself', {
  [CHECKS]: put('#!/bin/sh\nif ! pidof haproxy; then\n  systemctl stop keepalived\nfi\nexit 0\n'),
});
spares(import.meta.filename, 'sh -e', { [CHECKS]: put('#!/bin/sh -e\npidof haproxy\nexit 0\n') });
finds(
  import.meta.filename,
  'a comment that names keepalived, and exit 1',
  { [CHECKS]: put('#!/bin/sh\n# keepalived wants exit 1\npidof haproxy\nexit 0\n') },
  [A, 'script "/etc/keepalived/check-haproxy.sh"'],
);
