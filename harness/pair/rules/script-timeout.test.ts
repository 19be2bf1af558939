import { A, finds, swap } from '../pair.fixture.ts';

finds(import.meta.filename, 'equal to the interval', { [A]: swap('timeout 1', 'timeout 2') }, [
  A,
  'timeout 2',
]);
finds(import.meta.filename, 'longer than the interval', { [A]: swap('timeout 1', 'timeout 10') }, [
  A,
  'timeout 10',
]);
