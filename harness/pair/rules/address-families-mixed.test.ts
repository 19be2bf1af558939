import { A, BOTH, finds, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'both in one block',
  { [BOTH]: swap('eth0:vip', 'eth0:vip\n        2001:db8::10/64') },
  [A, '2001:db8::10/64'],
);
spares(import.meta.filename, 'the other family is excluded', {
  [BOTH]: (text) =>
    text.replace('    notify', '    virtual_ipaddress_excluded { 2001:db8::10/64 }\n    notify'),
});
