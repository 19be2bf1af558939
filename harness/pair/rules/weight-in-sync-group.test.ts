import { A, BOTH, finds, spares } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a weighted check of a member',
  {
    [A]: (text) =>
      `${text.replace('rise 2', 'rise 2\n    weight -5')}vrrp_sync_group G {\n    group {\n        VI_1\n    }\n}\n`,
  },
  [A, 'weight -5'],
);
spares(import.meta.filename, 'the group tracks it', {
  [BOTH]: (text) =>
    `${text.replace('rise 2', 'rise 2\n    weight -5').replace(/track_script \{[^}]*\}/, '')}vrrp_sync_group G {\n    group {\n        VI_1\n    }\n    track_script {\n        chk_haproxy\n    }\n}\n`,
});
