import { A, BOTH, finds, spares, swap, swaps } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'half a second under VRRP 2',
  { [BOTH]: swap('advert_int 1', 'advert_int 0.5') },
  [A, 'advert_int 0.5'],
);
spares(import.meta.filename, 'half a second under VRRP 3', {
  [BOTH]: swaps(['advert_int 1', 'advert_int 0.5'], ['router_id lb', 'vrrp_version 3\n    router_id lb']),
});
