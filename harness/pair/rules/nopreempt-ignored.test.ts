import { A, BOTH, finds, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'nopreempt with state MASTER',
  { [A]: swap('state BACKUP', 'state MASTER\n    nopreempt') },
  [A, 'nopreempt'],
);
spares(import.meta.filename, 'nopreempt with state BACKUP', {
  [BOTH]: swap('state BACKUP', 'state BACKUP\n    nopreempt'),
});
