import { A, BOTH, finds, spares } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a second multicast instance',
  {
    [BOTH]: (text) =>
      `${text.replace(/unicast_peer \{[^}]*\}/, '')}vrrp_instance VI_2 {\n    interface eth0\n    virtual_router_id 51 \n    garp_master_refresh 5\n    virtual_ipaddress {\n        192.0.2.40\n    }\n}\n`,
  },
  [A, 'virtual_router_id 51 '],
);
spares(import.meta.filename, 'another interface', {
  [BOTH]: (text) =>
    `${text.replace(/unicast_peer \{[^}]*\}/, '')}vrrp_instance VI_2 {\n    interface eth1\n    virtual_router_id 51\n    garp_master_refresh 5\n    virtual_ipaddress {\n        192.0.2.40\n    }\n}\n`,
});
