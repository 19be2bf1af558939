import { B, BOTH, finds, spares, swap, swaps } from '../pair.fixture.ts';

finds(import.meta.filename, '1 and 2 seconds', { [B]: swap('advert_int 1', 'advert_int 2') }, [
  B,
  'advert_int 2',
]);
spares(import.meta.filename, 'VRRP 3 lets them differ', {
  [BOTH]: swap('router_id lb', 'vrrp_version 3\n    router_id lb'),
  [B]: swaps(['advert_int 1', 'advert_int 2'], ['router_id lb', 'vrrp_version 3\n    router_id lb']),
});
