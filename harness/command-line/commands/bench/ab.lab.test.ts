import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { upstreamCheckout } from '../../../run/upstream-checkout.fixture.ts';

const PROGRAM = join(import.meta.dirname, '../../main.ts');
const TEMPLATE = 'octavia/amphorae/drivers/keepalived/jinja/templates/keepalived_base.template';

test('a review blames a mistake that a branch of Octavia makes in its template, and nothing on one without', async (t) => {
  t.timeout(15 * 60_000);
  const { folder, git } = await upstreamCheckout(t);
  const reports = await mkdtemp(join(tmpdir(), 'amphora-testbed-review-'));
  t.teardown(() => rm(reports, { recursive: true }));
  await git('branch', 'packaged');
  await git('branch', 'same');
  await git('checkout', '--quiet', '-b', 'planted');
  const template = join(folder, TEMPLATE);
  const text = await readFile(template, 'utf8');
  await writeFile(template, text.replace('advert_int {{ advert_int }}', 'advert_int {{ advert_int * 2 }}'));
  await git('commit', '--quiet', '--all', '--message=twice as long between advertisements');

  const branches = ['packaged', 'same', 'planted'].map((branch) => `${folder}@${branch}`);
  // One round: what the configuration demands needs no more.
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [
      ...[PROGRAM, 'bench', '--matrix', `octavia=${branches.join(',')};release=bookworm`],
      ...['--scenario', 'master-kill', '--budget', '1s', '--parallel', '2', '--reports', reports],
    ],
    { reject: false },
  );
  t.is(exitCode, 1, stderr);
  // One that has changed since it was set up would be dearer for that alone.
  t.regex(stderr, /^this checkout: bundling its code, building its images$/m);
  const review = await readFile(stdout.trim().split('\n').at(-1) ?? '', 'utf8');
  const [same = '', planted = ''] = review.split(/^## /m).slice(1);
  t.regex(planted, /planted/);
  t.regex(planted, /B is slower by .*the configuration demands 3000 ms more \(.*advert_int 1 → 2/, planted);
  t.notRegex(same, /slower|faster|fails/, same);
});
