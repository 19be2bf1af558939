import { A, finds, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a name with a typing error',
  { [A]: swap('        chk_haproxy', '        chk_happroxy') },
  [A, 'chk_happroxy'],
);
