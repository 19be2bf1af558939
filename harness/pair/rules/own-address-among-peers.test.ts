import { A, finds, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a node lists itself',
  { [A]: swap('        192.0.2.12', '        192.0.2.12\n        192.0.2.11 ') },
  [A, '192.0.2.11 '],
);
