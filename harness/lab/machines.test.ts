import test from 'ava';
import { machineCommand, machineHostConfig } from './machines.ts';

test("with version 2 a machine has a control group namespace of its own, and none of the host's tree", (t) => {
  for (const name of ['Docker', 'Podman']) {
    const { CgroupnsMode, Binds } = machineHostConfig({ name }, '2');
    t.is(CgroupnsMode, 'private');
    t.is(Binds, undefined);
  }
  t.regex(machineCommand('2').join(' '), /remount,bind,rw \/sys\/fs\/cgroup && exec \/sbin\/init$/);
});

test('with version 1 a machine may read the hierarchies, and its process 1 is systemd', (t) => {
  const { CgroupnsMode, Binds } = machineHostConfig({ name: 'Docker' }, '1');
  t.is(CgroupnsMode, undefined);
  t.deepEqual(Binds, ['/sys/fs/cgroup:/sys/fs/cgroup:ro']);
  t.deepEqual(machineCommand('1'), ['/sbin/init']);
});
