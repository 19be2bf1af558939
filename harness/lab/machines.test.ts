import test from 'ava';
import { initOf, machineHostConfig, remountsGroups, unpacksFiles } from './machines.ts';

const UNIFIED = { cgroupVersion: '2', isRootless: false } as const;
const BOTH = [{ name: 'Docker' }, { name: 'Podman' }] as const;

test('with control groups of version 2, a machine sees its own group and nothing of the host’s', (t) => {
  for (const engine of BOTH) {
    const { CgroupnsMode, Binds = [] } = machineHostConfig(engine, UNIFIED);
    t.is(CgroupnsMode, 'private');
    t.deepEqual(
      Binds.filter((bind) => bind.includes('cgroup')),
      [],
    );
  }
});

test('with version 1, it sees the host’s control groups and cannot change them', (t) => {
  for (const engine of BOTH) {
    const { CgroupnsMode, Binds } = machineHostConfig(engine, { ...UNIFIED, cgroupVersion: '1' });
    t.is(CgroupnsMode, undefined);
    t.deepEqual(Binds, ['/sys/fs/cgroup:/sys/fs/cgroup:ro']);
  }
});

test('where the engine mounts control groups read-only, what the image starts is started after that is changed', (t) => {
  const [docker, podman] = BOTH;
  const command = ['/opt/init', '--unit', 'a b'];
  const changed = initOf(command, ['remountGroups']);
  t.true(changed[2]?.startsWith('mount -o remount,bind,rw /sys/fs/cgroup && '));
  t.deepEqual(changed.slice(-3), command);
  t.true(remountsGroups(docker, UNIFIED));
  t.false(remountsGroups(podman, UNIFIED));
  t.false(remountsGroups(docker, { cgroupVersion: '1' }));
});

test('Podman starts what the image does, and unpacks files; a machine of Docker has them before the image’s command runs', (t) => {
  const [docker, podman] = BOTH;
  t.false(unpacksFiles(podman));
  t.true(unpacksFiles(docker));
  const steps = initOf(['/opt/init'], ['remountGroups', 'unpackFiles'])[2]?.split(' && ') ?? [];
  t.true(steps[0]?.startsWith('mount '));
  t.true(steps.at(-1)?.startsWith('exec '));
});
