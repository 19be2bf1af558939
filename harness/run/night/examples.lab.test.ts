import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { startFabric } from '../../lab/real-parsers.fixture.ts';
import { PROJECT_ROOT } from '../../project.ts';

const UNITS = ['amphora-night.service', 'amphora-night.timer'];

test('systemd takes the units of the examples as they are', async (t) => {
  await using fabric = await startFabric();
  const npm = { argv: ['install', '-D', '-m', '755', '/dev/null', '/usr/bin/npm'] };
  const units = await Promise.all(
    UNITS.map(async (unit) => ({
      argv: ['tee', `/etc/systemd/system/${unit}`],
      stdin: await readFile(join(PROJECT_ROOT, 'examples', unit), 'utf8'),
    })),
  );
  const verify = {
    argv: ['systemd-analyze', 'verify', ...UNITS.map((unit) => `/etc/systemd/system/${unit}`)],
  };
  const sound = (await fabric.attempt(npm, ...units, verify)).at(-1);
  t.deepEqual([sound?.exitCode, sound?.stderr], [0, '']);
  const broken = {
    argv: ['sed', '-i', 's/TimeoutStartSec/TimeoutStrtSec/', `/etc/systemd/system/${UNITS[0]}`],
  };
  const refused = (await fabric.attempt(broken, verify)).at(-1);
  t.regex(refused?.stderr ?? '', /TimeoutStrtSec/);
});
