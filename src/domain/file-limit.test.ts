import test from 'ava';
import { hardFileLimitIn } from './file-limit.ts';

const limits = (soft: string, hard: string) =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax processes             5                    6                    processes\nMax open files            ${soft.padEnd(20)} ${hard.padEnd(20)} files\n`;

test('the hard limit of open files is read, whatever the soft one is', (t) => {
  t.is(hardFileLimitIn(limits('1024', '524288')), 524_288);
  t.is(hardFileLimitIn(limits('unlimited', '4096')), 4096);
});

test('where there is no limit, none is read', (t) => {
  t.is(hardFileLimitIn(limits('1024', 'unlimited')), undefined);
  t.is(hardFileLimitIn(''), undefined);
});
