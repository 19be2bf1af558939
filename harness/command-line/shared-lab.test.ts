import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import test from 'ava';
import { UsageError } from '../usage-error.ts';
import { joinLab, makeLabFolder, SharedLab } from './shared-lab.ts';

const SITE = { page: async () => 'the page', [Symbol.asyncDispose]: async () => {} };

/** A name that no lab has. */
async function named(t: { teardown(end: () => Promise<void>): void }, name: string): Promise<string> {
  const lab = `${name}-${process.pid}`;
  const folder = await makeLabFolder(lab);
  t.teardown(() => rm(folder.path, { recursive: true }));
  return lab;
}

test('each guest of a kept lab gets a page for as long as it stays', async (t) => {
  const lab = await named(t, 'guests');
  let begun = 0;
  const shared = await SharedLab.open(lab, async () => {
    begun++;
    return SITE;
  });
  const [one, other] = await Promise.all([joinLab(lab), joinLab(lab)]);
  t.is(begun, 1, 'the lab is observed once');
  t.not(one.url, other.url);
  one.host.destroy();
  const again = await joinLab(lab);
  const ended = Promise.all([once(other.host, 'close'), once(again.host, 'close')]);
  t.is((await fetch(other.url, { redirect: 'manual' })).status, 303);
  await shared[Symbol.asyncDispose]();
  await ended;
  await t.throwsAsync(fetch(other.url));
});

test('a lab that cannot be observed now may be later; one that nobody keeps cannot be joined', async (t) => {
  const lab = await named(t, 'later');
  let steady = false;
  const shared = await SharedLab.open(lab, async () => {
    if (!steady) throw new Error('The pair is not steady.');
    return SITE;
  });
  const failed = await t.throwsAsync(joinLab(lab), { instanceOf: UsageError });
  t.is(failed?.message, `The lab ${lab} cannot be shown: The pair is not steady.`);
  steady = true;
  t.regex((await joinLab(lab)).url, /^http:/);
  await shared[Symbol.asyncDispose]();
  await t.throwsAsync(joinLab(lab), {
    instanceOf: UsageError,
    message: /is not kept by a `lab up` of yours/,
  });
});
