import { A, finds } from '../pair.fixture.ts';

finds(
  import.meta.filename,
  'a name with a typing error',
  { [A]: (text) => `${text}vrrp_sync_group G {\n    group {\n        VI_2\n    }\n}\n` },
  [A, '        VI_2'],
);
