import { A, finds } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'an instance on one node',
  {
    [A]: (text) =>
      `${text}vrrp_instance VI_2 {\n    interface eth0\n    virtual_router_id 52\n    garp_master_refresh 5\n    virtual_ipaddress {\n        192.0.2.40\n    }\n}\n`,
  },
  [A, 'vrrp_instance VI_2'],
);
