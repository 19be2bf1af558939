import test from 'ava';
import { diskFullIn, EngineFailed, engineFailedIn, environmentFailedBy, inWords } from './environment.ts';

const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

test('a full disk is found below what it led to, and beside what went wrong afterwards', (t) => {
  t.is(diskFullIn(full), full);
  t.is(diskFullIn(new Error('the run could not be stored', { cause: full })), full);
  t.is(diskFullIn(new SuppressedError(new Error('the lab is gone'), full)), full);
  t.is(diskFullIn(new SuppressedError(full, new Error('not observed'))), full);
  const engine = new Error('(HTTP code 500) server error - write /data/link: no space left on device');
  t.is(diskFullIn(engine), engine);
});

test('any other error is none', (t) => {
  for (const error of [
    new Error('EACCES: permission denied', { cause: new Error('x') }),
    'text',
    undefined,
  ]) {
    t.is(diskFullIn(error), undefined);
  }
});

test('an engine that went away or failed is distinguished from an agent that is not reached', (t) => {
  const host = 'unix:///var/run/docker.sock';
  const gone = new Error('connect ENOENT /var/run/docker.sock');
  t.true(engineFailedIn(new Error('a lab', { cause: gone }), host) instanceof EngineFailed);
  t.regex(
    engineFailedIn(gone, host)?.message ?? '',
    /connect ENOENT .*: see that it runs, or run `npm run setup`/,
  );
  t.is(engineFailedIn(new Error('connect ECONNREFUSED 127.0.0.1:9443'), host), undefined);
  t.true(engineFailedIn(new Error('(HTTP code 500) server error - no store'), host) instanceof EngineFailed);
});

test('what the environment is to blame for is known by its words alone', (t) => {
  const words = inWords(new EngineFailed(new Error('connect ENOENT /var/run/docker.sock')));
  t.regex(environmentFailedBy(words)?.message ?? '', /^The container engine does not answer as it should/);
  t.regex(environmentFailedBy(inWords(full))?.message ?? '', /^ENOSPC/);
  t.is(environmentFailedBy(inWords(new Error('a programming error'))), undefined);
});
