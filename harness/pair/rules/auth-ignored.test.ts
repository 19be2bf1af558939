import { A, BOTH, finds, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a password under VRRP 3',
  { [BOTH]: swap('router_id lb', 'vrrp_version 3\n    router_id lb') },
  [A, 'auth_type'],
);
