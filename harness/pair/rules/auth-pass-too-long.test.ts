import { A, BOTH, finds, swap } from '../pair.fixture.ts';

finds(import.meta.filename, '20 characters', { [BOTH]: swap('k33p4liv', 'twentyCharactersLong') }, [
  A,
  'auth_pass',
]);
