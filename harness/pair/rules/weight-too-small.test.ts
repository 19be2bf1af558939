import { A, B, BOTH, finds, spares, swap, swaps } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  '99 is still above 98',
  { [A]: swap('rise 2', 'rise 2\n    weight -2'), [B]: swap('priority 100', 'priority 98') },
  [A, 'weight -2'],
);
finds(
  import.meta.filename,
  'a positive weight on both nodes',
  {
    [BOTH]: swap('rise 2', 'rise 2\n    weight 2'),
    [B]: swaps(['rise 2', 'rise 2\n    weight 2'], ['priority 100', 'priority 90']),
  },
  [A, 'weight 2'],
);
finds(
  import.meta.filename,
  'the weight of track_script counts instead of the script’s',
  {
    [A]: swaps(
      ['rise 2', 'rise 2\n    weight -50'],
      ['        chk_haproxy', '        chk_haproxy weight -1'],
    ),
  },
  [A, 'chk_haproxy weight -1'],
);
finds(import.meta.filename, 'equal is not below', { [A]: swap('rise 2', 'rise 2\n    weight -1') }, [
  A,
  'weight -1',
]);
spares(import.meta.filename, 'a weight beyond the difference', {
  [BOTH]: swap('rise 2', 'rise 2\n    weight -2'),
});
spares(import.meta.filename, 'no weight', {});
spares(import.meta.filename, 'weight 0', { [BOTH]: swap('rise 2', 'rise 2\n    weight 0') });
