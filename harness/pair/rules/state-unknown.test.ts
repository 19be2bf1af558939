import { A, B, BOTH, finds, spares, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'SLAVE', { [B]: swap('state BACKUP', 'state SLAVE') }, [B, 'state SLAVE']);
finds(import.meta.filename, 'small letters', { [A]: swap('state BACKUP', 'state master') }, [
  A,
  'state master',
]);
finds(
  import.meta.filename,
  'EQUAL beside a known word',
  { [A]: swap('state BACKUP', 'state BACKUP\n    state EQUAL') },
  [A, 'state EQUAL'],
);
spares(import.meta.filename, 'MASTER on one node', { [A]: swap('state BACKUP', 'state MASTER') });
spares(import.meta.filename, 'no state', { [BOTH]: swap('    state BACKUP\n', '') });
