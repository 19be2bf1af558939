import { A, B, finds, spares, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'another password', { [B]: swap('k33p4liv', 'another') }, [
  B,
  'auth_pass another',
]);
finds(import.meta.filename, 'another type', { [B]: swap('auth_type PASS', 'auth_type AH') }, [
  B,
  'auth_type AH',
]);
spares(import.meta.filename, 'only the ninth character differs', {
  [A]: swap('k33p4liv', 'k33p4livA'),
  [B]: swap('k33p4liv', 'k33p4livB'),
});
