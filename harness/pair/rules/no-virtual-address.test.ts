import { A, BOTH, finds, put, spares, swap, swaps } from '../pair.fixture.ts';

const VIP = '        192.0.2.10/24 dev eth0 label eth0:vip\n';
const NOTIFY = '    notify "/etc/keepalived/notify.sh"\n';

finds(import.meta.filename, 'an empty block', { [BOTH]: swaps([VIP, ''], [NOTIFY, '']) }, [
  A,
  'vrrp_instance',
]);
finds(
  import.meta.filename,
  'only excluded addresses under VRRP 3',
  {
    [BOTH]: swaps(
      ['virtual_ipaddress', 'virtual_ipaddress_excluded'],
      ['router_id lb', 'vrrp_version 3\n    router_id lb'],
    ),
  },
  [A, 'vrrp_instance'],
);
finds(import.meta.filename, 'no instance at all', { [A]: put('! to be written\nglobal_defs {\n}\n') }, [
  A,
  '! to be written',
]);
finds(
  import.meta.filename,
  'no instance, in files that are called so',
  {
    [A]: put('include vrrp_instance.conf\n'),
    'a/etc/keepalived/vrrp_instance.conf': put('global_defs {\n    router_id lb\n}\n'),
  },
  [A, 'include'],
);
spares(import.meta.filename, 'a script moves an address of the provider', { [BOTH]: swap(VIP, '') });
spares(import.meta.filename, 'only excluded addresses', {
  [BOTH]: swap('virtual_ipaddress', 'virtual_ipaddress_excluded'),
});
