import { A, CHECKS, finds, put, spares } from '../pair.fixture.ts';

finds(import.meta.filename, 'a check', { [CHECKS]: put('#!/bin/sh\r\npidof haproxy\r\n') }, [
  A,
  'script "/etc/keepalived/check-haproxy.sh"',
]);
spares(import.meta.filename, 'keepalived.conf may have them', {
  '*/etc/keepalived/keepalived.conf': (text) => text.replaceAll('\n', '\r\n'),
});
