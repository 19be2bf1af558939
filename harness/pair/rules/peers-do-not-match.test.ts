import { A, B, finds, swap, swaps } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'the other node is not listed',
  { [A]: swap('        192.0.2.12', '        192.0.2.13') },
  [A, '192.0.2.13'],
);
finds(
  import.meta.filename,
  'unicast on one node only',
  { [B]: swaps(['unicast_peer {\n        192.0.2.11\n    }', ''], ['unicast_src_ip', 'mcast_src_ip']) },
  [B, 'vrrp_instance'],
);
finds(
  import.meta.filename,
  'both name the same peer',
  {
    [A]: swap('unicast_src_ip 192.0.2.11', ''),
    [B]: swaps(['unicast_src_ip 192.0.2.12', ''], ['192.0.2.11', '192.0.2.12']),
  },
  [B, '192.0.2.12'],
);
finds(
  import.meta.filename,
  'both send from the same address',
  { [B]: swap('unicast_src_ip 192.0.2.12', 'unicast_src_ip 192.0.2.11') },
  [B, 'unicast_src_ip'],
);
