import { B, finds, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'one node speaks version 3',
  { [B]: swap('router_id lb', 'vrrp_version 3\n    router_id lb') },
  [B, 'vrrp_version 3'],
);
