import { A, BOTH, finds, spares, swap, swaps } from '../pair.fixture.ts';

finds(import.meta.filename, 'no refresh', { [A]: swap('    garp_master_refresh 5\n', '') }, [
  A,
  'vrrp_instance',
]);
spares(import.meta.filename, 'a refresh for all instances', {
  [BOTH]: swaps(
    ['    garp_master_refresh 5\n', ''],
    ['router_id lb', 'vrrp_garp_master_refresh 5\n    router_id lb'],
  ),
});
