import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { UsageError } from '../usage-error.ts';
import { readBuild } from './build.ts';
import type { Program } from './system.ts';

/** Writes files below a folder of the test, and names what is at a path in it. */
async function at(t: ExecutionContext, path: string, files: Record<string, string | Buffer>) {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-build-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return join(folder, path);
}

const DEB = '!<arch>\ndebian-binary   1668000000  0     0     100644  4         `\n2.0\n';
const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
const KEEPALIVED = 'AC_PREREQ([2.63])\nAC_INIT([Keepalived], [2.3.3], [keepalived-users@groups.io])\n';
const HAPROXY = 'TARGET =\nall: haproxy dev/flags/flags $(EXTRA)\nhaproxy: $(OPTIONS_OBJS) $(OBJS)\n';

const KINDS: readonly [Program, string, Record<string, string | Buffer>, string][] = [
  ['keepalived', 'k.deb', { 'k.deb': DEB }, 'package'],
  // What a file is called says nothing.
  ['haproxy', 'haproxy', { haproxy: DEB }, 'package'],
  ['keepalived', 'k.deb', { 'k.deb': ELF }, 'binary'],
  ['keepalived', '', { 'configure.ac': KEEPALIVED }, 'source'],
  ['haproxy', 'h', { 'h/Makefile': HAPROXY }, 'source'],
];
for (const [program, path, files, kind] of KINDS) {
  test(`${program} of ${Object.keys(files)}: a ${kind}`, async (t) => {
    const given = await at(t, path, files);
    t.deepEqual(await readBuild(program, given), { program, kind, path: given } as never);
  });
}

const REFUSED: readonly [Program, string, Record<string, string | Buffer>, RegExp][] = [
  [
    'keepalived',
    'x',
    { x: '#!/bin/sh\n' },
    /takes a Debian package, a binary, or a source tree of keepalived/,
  ],
  ['keepalived', 'x', { x: '' }, /is none of them/],
  // Another archive of ar(1).
  ['haproxy', 'x.a', { 'x.a': '!<arch>\nmain.o/' }, /is none of them/],
  ['haproxy', '', { 'configure.ac': KEEPALIVED }, /is one of keepalived: give it as keepalived=/],
  ['keepalived', '', { Makefile: HAPROXY }, /is one of haproxy: give it as haproxy=/],
  ['keepalived', '', { 'configure.ac': 'AC_INIT([FRR], [10.0])\n', Makefile: 'all:\n' }, /is none of them/],
];
for (const [program, path, files, message] of REFUSED) {
  test(`${program} of ${Object.entries(files).map(([name, text]) => `${name} ${JSON.stringify(String(text).slice(0, 16))}`)} is refused`, async (t) => {
    const given = await at(t, path, files);
    await t.throwsAsync(readBuild(program, given), { instanceOf: UsageError, message });
  });
}
