import { A, BOTH, finds, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  '|| exit 1',
  { [BOTH]: swap('"/etc/keepalived/check-haproxy.sh"', '"/usr/bin/pidof haproxy || exit 1"') },
  [A, '|| exit 1'],
);
finds(
  import.meta.filename,
  'a redirection',
  { [BOTH]: swap('"/etc/keepalived/check-haproxy.sh"', '"/usr/bin/pidof haproxy >/dev/null"') },
  [A, '>/dev/null'],
);
spares(import.meta.filename, 'sh -c with quotes', {
  [BOTH]: swap('"/etc/keepalived/check-haproxy.sh"', '"/bin/sh -c \'pidof haproxy || exit 1\'"'),
});
spares(import.meta.filename, '</dev/tcp asks whether it opens', {
  [BOTH]: swap('"/etc/keepalived/check-haproxy.sh"', '"</dev/tcp/127.0.0.1/80"'),
});
