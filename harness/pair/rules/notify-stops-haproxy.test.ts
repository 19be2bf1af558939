import { B, BOTH, CHECKS, finds, put, spares, swap } from '../pair.fixture.ts';

const NOTIFY = 'notify "/etc/keepalived/notify.sh"';

finds(
  import.meta.filename,
  'a backup stops it',
  { [B]: swap(NOTIFY, 'notify_backup "/usr/bin/systemctl stop haproxy"') },
  [B, 'notify_backup'],
);
finds(
  import.meta.filename,
  'a script for all states',
  {
    'b/etc/keepalived/notify.sh': put(
      '#!/bin/sh\ncase "$3" in\n  MASTER) service haproxy start ;;\n  *) service haproxy stop ;;\nesac\n',
    ),
  },
  [B, 'notify "'],
);
spares(import.meta.filename, 'nothing asks for it', {
  [BOTH]: swap(NOTIFY, 'notify_backup "/usr/bin/systemctl stop haproxy"'),
  [CHECKS]: put('#!/bin/sh\nping -c 1 -W 1 192.0.2.1\n'),
});
spares(import.meta.filename, 'it is reloaded, or another service is stopped', {
  [BOTH]: swap(NOTIFY, 'notify_backup "/usr/bin/systemctl stop varnish"'),
  '*/etc/keepalived/notify.sh': put('#!/bin/sh\n# systemctl stop haproxy\nsystemctl reload haproxy\n'),
});
