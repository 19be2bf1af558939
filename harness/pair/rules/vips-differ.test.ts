import { A, finds, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'one node brings an address more',
  { [A]: swap('192.0.2.10/24', '192.0.2.30/24\n        192.0.2.10/24') },
  [A, '192.0.2.30/24'],
);
spares(import.meta.filename, 'another prefix', { [A]: swap('192.0.2.10/24', '192.0.2.10/32') });
