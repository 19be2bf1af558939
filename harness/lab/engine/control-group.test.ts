import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { CONTROL_GROUP, controlGroups, prepareControlGroup } from './control-group.ts';

const ID = 'a1'.repeat(32);

/** A tree as the kernel shows it below /sys/fs/cgroup. */
function tree(folders: readonly string[], unified: boolean): Disposable & { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'amphora-testbed-cgroup-'));
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  if (unified) writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids\n');
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

test('with version 2 the containers have a weight', (t) => {
  using made = tree([], true);
  prepareControlGroup(made.root);
  t.is(readFileSync(join(made.root, CONTROL_GROUP, 'cpu.weight'), 'utf8'), '10000');
});

test('with version 1 the containers have shares', (t) => {
  using made = tree(['cpu'], false);
  prepareControlGroup(made.root);
  t.is(readFileSync(join(made.root, 'cpu', CONTROL_GROUP, 'cpu.shares'), 'utf8'), '65536');
});

test("a container's groups are found, whichever driver named them", (t) => {
  const cases: readonly [boolean, string][] = [
    [true, `${CONTROL_GROUP}/${ID}`],
    [true, `system.slice/docker-${ID}.scope`],
    [false, `memory/${CONTROL_GROUP}/${ID}`],
    [false, `freezer/docker/${ID}`],
  ];
  for (const [unified, path] of cases) {
    using made = tree([path, path.replace(ID, 'b2'.repeat(32))], unified);
    t.deepEqual(controlGroups(new Set([ID]), made.root), [join(made.root, path)]);
  }
});
