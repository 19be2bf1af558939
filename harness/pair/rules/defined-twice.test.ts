import { A, BOTH, finds, put, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a second instance by copy and paste',
  { [A]: (text) => `${text}vrrp_instance VI_1 { # again\n    interface eth1\n}\n` },
  [A, '# again'],
);
finds(
  import.meta.filename,
  'a check in an included file',
  {
    [BOTH]: (text) => `include conf.d/*.conf\n${text}`,
    'b/etc/keepalived/conf.d/check.conf': put('vrrp_script chk_haproxy {\n\tscript "/bin/false"\n}\n'),
  },
  ['b/etc/keepalived/keepalived.conf', 'vrrp_script chk_haproxy'],
);
spares(import.meta.filename, 'an instance and a script of one name', {
  [BOTH]: swap('chk_haproxy', 'VI_1'),
});
