import { A, BOTH, finds, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a node lists itself',
  { [A]: swap('        192.0.2.12', '        192.0.2.12\n        192.0.2.11 ') },
  [A, '192.0.2.11 '],
);
finds(
  import.meta.filename,
  'one list for all nodes',
  {
    [BOTH]: (text) =>
      text
        .replace(/unicast_src_ip .*/, '')
        .replace(/unicast_peer \{[^}]*/, 'unicast_peer {\n 192.0.2.11\n 192.0.2.12 # both\n'),
  },
  [A, '192.0.2.11'],
);
