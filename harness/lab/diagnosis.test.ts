import test from 'ava';
import { delegation, giving, rootless, storage, whyNotStarted } from './diagnosis.ts';

test('an engine that gives more than its own limits is cured by its configuration', (t) => {
  // As crun and runc say it.
  for (const message of [
    'crun: setrlimit `RLIMIT_NPROC`: Operation not permitted: OCI permission denied',
    'runc create failed: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted',
  ]) {
    const { found, cure } = whyNotStarted(new Error(message));
    t.true(found.endsWith(message));
    t.regex(cure ?? '', /default_ulimits of containers\.conf\(5\).*ulimit -Hn/);
  }
});

test('any other reason points at the engine and its capabilities', (t) => {
  const { found, cure } = whyNotStarted(new Error('unable to apply caps: operation not permitted'));
  t.regex(found, /unable to apply caps/);
  t.regex(cure ?? '', /engine logs.*capabilities/);
});

test('an ordinary user reads what a rootless engine cannot give, and that it takes control groups of version 2', (t) => {
  t.deepEqual(
    rootless('2').map(({ state }) => state),
    ['poor'],
  );
  t.deepEqual(
    rootless('1').map(({ state }) => state),
    ['poor', 'bad'],
  );
  for (const { cure } of rootless('1')) t.truthy(cure);
});

test('an ordinary user whose systemd keeps the processor to itself reads which command changes that', (t) => {
  const [finding, ...others] = delegation('memory pids\n');
  t.deepEqual(others, []);
  t.is(finding?.state, 'poor');
  t.regex(finding?.found ?? '', /limit memory, pids; /);
  t.regex(finding?.cure ?? '', /Delegate=cpu .*user@\.service\.d\/delegate\.conf .*daemon-reload/);
  // All is delegated; or systemd has no part in it.
  t.deepEqual(delegation('cpuset cpu io memory pids\n'), []);
  t.deepEqual(delegation(''), []);
});

test('an engine that copies whole images is named, with what makes it quicker', (t) => {
  t.deepEqual(storage('overlay2'), []);
  t.deepEqual(storage('overlayfs'), []);
  t.like(storage('vfs')[0], { what: 'storage', state: 'poor' });
  t.regex(storage('vfs')[0]?.cure ?? '', /driver = "overlay".*storage\.conf/);
});

test('what an ordinary user is refused comes with another engine, and what the kernel lacks with another kernel', (t) => {
  t.is(giving('IPVS', true), 'an engine that runs as root');
  t.is(giving('IPVS', false), 'a kernel that has it');
  t.is(giving('netem', true), 'a kernel that has it');
});
