import test from 'ava';
import { whyNotStarted } from './diagnosis.ts';

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
