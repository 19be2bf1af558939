import { A, finds, put, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a line for one identifier',
  { [A]: swap('    priority 101', '    priority 101\n    @main priority 120') },
  [A, '@main'],
);
spares(import.meta.filename, 'the name is known', {
  '*/etc/hostname': put('main\n'),
  [A]: swap('    priority 101', '    @main priority 101'),
});
