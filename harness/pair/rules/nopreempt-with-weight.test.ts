import { A, B, BOTH, finds, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'the backup does not take over',
  { [A]: swap('rise 2', 'rise 2\n    weight -20'), [B]: swap('state BACKUP', 'state BACKUP\n    nopreempt') },
  [B, 'nopreempt'],
);
spares(import.meta.filename, 'without a weight', {
  [BOTH]: swap('state BACKUP', 'state BACKUP\n    nopreempt'),
});
