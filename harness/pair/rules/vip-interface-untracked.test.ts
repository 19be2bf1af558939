import { A, BOTH, finds, spares, swap, swaps } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'the VIP is on another interface',
  { [BOTH]: swap('dev eth0', 'dev eth1 no_track') },
  [A, 'dev eth1'],
);
spares(import.meta.filename, 'the interface is tracked', {
  [BOTH]: swaps(
    ['dev eth0', 'dev eth1 no_track'],
    ['track_script {', 'track_interface {\n        eth1\n    }\n    track_script {'],
  ),
});
