import { A, BOTH, finds, spares, swap, swaps } from '../pair.fixture.ts';

finds(import.meta.filename, '20 characters', { [BOTH]: swap('k33p4liv', 'twentyCharactersLong') }, [
  A,
  'auth_pass',
]);
spares(import.meta.filename, 'VRRP 3 uses none', {
  [BOTH]: swaps(['k33p4liv', 'twentyCharactersLong'], ['router_id lb', 'vrrp_version 3\n    router_id lb']),
});
