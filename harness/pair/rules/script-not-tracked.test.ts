import { A, finds, spares, swap } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'track_script stands outside of the instance',
  {
    [A]: (text) => `${text.replace(/track_script \{[^}]*\}/, '')}track_script {\n    chk_haproxy\n}\n`,
  },
  [A, 'vrrp_script chk_haproxy'],
);
spares(import.meta.filename, 'the sync group tracks it', {
  [A]: (text) =>
    `${text.replace(/track_script \{[^}]*\}/, '')}vrrp_sync_group G { group { VI_1 }\n track_script { chk_haproxy }\n}\n`,
});
spares(import.meta.filename, 'another name is tracked as well', {
  [A]: swap('        chk_haproxy\n', '        chk_haproxy\n        chk_else\n'),
});
