import { B, finds, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'the backup has the priority of the master',
  { [B]: swap('priority 100', 'priority 101') },
  [B, 'priority 101'],
);
spares(import.meta.filename, 'three steps apart', { [B]: swap('priority 100', 'priority 98') });
