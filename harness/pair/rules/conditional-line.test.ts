import { A, finds, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a line for one identifier',
  { [A]: swap('    priority 101', '    priority 101\n    @main priority 120') },
  [A, '@main'],
);
