import { A, B, BOTH, finds, put, spares, swap } from '../pair.fixture.ts';

const QUOTED = 'script "/etc/keepalived/check-haproxy.sh"';

finds(
  import.meta.filename,
  'killall with its arguments',
  { [A]: swap(QUOTED, 'script killall -0 haproxy') },
  [A, 'killall -0'],
);
finds(
  import.meta.filename,
  'a notify script with its state',
  { [B]: swap('notify "/etc/keepalived/notify.sh"', 'notify_master /etc/keepalived/notify.sh MASTER') },
  [B, 'notify_master'],
);
finds(
  import.meta.filename,
  'a redirection behind the quotes',
  {
    [B]: swap('notify "/etc/keepalived/notify.sh"', 'notify_backup "/etc/keepalived/notify.sh b" > /tmp/log'),
  },
  [B, 'notify_backup'],
);
spares(import.meta.filename, 'a user and its group', {
  [BOTH]: swap('notify "/etc/keepalived/notify.sh"', 'notify /etc/keepalived/notify.sh root root'),
});
spares(import.meta.filename, 'a user of the folder', {
  [BOTH]: swap('notify "/etc/keepalived/notify.sh"', 'notify /etc/keepalived/notify.sh LBadmin'),
  '*/etc/passwd': put('LBadmin:x:1000:1000::/:/bin/sh\n'),
});
spares(import.meta.filename, 'single quotes', { [BOTH]: swap(QUOTED, "script '/usr/bin/pidof haproxy'") });
