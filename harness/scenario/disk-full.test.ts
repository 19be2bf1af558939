import test from 'ava';
import { diskFullIn } from './disk-full.ts';

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
