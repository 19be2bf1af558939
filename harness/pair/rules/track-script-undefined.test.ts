import { A, finds, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a name with a typing error',
  { [A]: swap('        chk_haproxy', '        chk_happroxy') },
  [A, 'chk_happroxy'],
);
finds(
  import.meta.filename,
  'a script without a command',
  { [A]: swap('    script "/etc/keepalived/check-haproxy.sh"\n', '') },
  [A, '        chk_haproxy'],
);
finds(
  import.meta.filename,
  'a script that is defined after the instance',
  { [A]: (text) => text.replace(/(vrrp_script [^}]*\}\n)([\s\S]*)/, '$2$1') },
  [A, '        chk_haproxy'],
);
finds(
  import.meta.filename,
  'a process that is not defined',
  { [A]: (text) => text.replace(/track_script \{[^}]*\}/, 'track_process {\n chk_process\n}') },
  [A, 'chk_process'],
);
