import { A, B, BOTH, finds, put, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'the VIP is the own address of a node',
  { [BOTH]: swap('192.0.2.10/24', '192.0.2.12/24') },
  [B, '192.0.2.12/24'],
);
finds(
  import.meta.filename,
  'an interface has it',
  { 'a/etc/network/interfaces': put('iface eth0 inet static\n  address 192.0.2.10/24\n') },
  [A, '192.0.2.10/24'],
);
