import { A, B, finds, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a closing brace is missing before an instance',
  { [A]: (text) => `${text.replace('rise 2\n}', 'rise 2')}\n}\n` },
  [A, 'vrrp_instance VI_1'],
);
finds(
  import.meta.filename,
  'a closing brace is too many before track_script',
  { [B]: (text) => `${text.replace('    track_script', '}\n    track_script').replace(/\}\s*$/, '')}` },
  [B, '    track_script'],
);
finds(
  import.meta.filename,
  'the addresses stand inside the authentication',
  { [A]: (text) => text.replace(/(auth_pass .*\n) {4}\}\n/, '$1').replace(/\}\s*$/, '}\n}\n') },
  [A, '    track_script'],
);
spares(import.meta.filename, 'a byte order mark before the instance', {
  [A]: (text) => text.replace('vrrp_instance', '\uFEFFvrrp_instance'),
});
spares(import.meta.filename, 'a sync group tracks', {
  [A]: (text) => `${text}vrrp_sync_group G {\n  group { VI_1 }\n  track_script { chk_haproxy }\n}\n`,
});
spares(import.meta.filename, 'a word inside a block is no block', {
  [A]: swap('router_id lb', 'router_id virtual_server'),
});
