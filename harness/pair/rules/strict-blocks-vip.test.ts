import { A, BOTH, finds, spares, swap, swaps } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'vrrp_strict of the sample configuration',
  { [A]: swap('router_id lb', 'vrrp_strict\n    router_id lb') },
  [A, 'vrrp_strict'],
);
spares(import.meta.filename, 'accept allows it', {
  [BOTH]: swaps(['router_id lb', 'vrrp_strict\n    router_id lb'], ['advert_int', 'accept\n    advert_int']),
});
spares(import.meta.filename, 'switched off', {
  [BOTH]: swap('router_id lb', 'vrrp_strict off\n    router_id lb'),
});
