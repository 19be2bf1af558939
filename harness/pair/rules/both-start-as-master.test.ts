import { B, BOTH, finds, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'two masters', { [BOTH]: swap('state BACKUP', 'state MASTER') }, [
  B,
  'state MASTER',
]);
