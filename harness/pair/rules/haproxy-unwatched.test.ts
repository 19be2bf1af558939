import { A, BOTH, finds, gone, PROXIES, spares } from '../pair.fixture.ts';

const untracked = (text: string) => text.replace(/track_script \{[^}]*\}/, 'track_interface { eth0 }');

finds(import.meta.filename, 'only interfaces are tracked', { [BOTH]: untracked }, [A, 'vrrp_instance']);
spares(import.meta.filename, 'a pair without HAProxy', { [BOTH]: untracked, [PROXIES]: gone });
spares(import.meta.filename, 'the sync group tracks', {
  [BOTH]: (text) =>
    `${untracked(text)}vrrp_sync_group G {\n  group { VI_1 }\n  track_script { chk_haproxy }\n}\n`,
});
