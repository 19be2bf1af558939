import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { PROJECT_ROOT } from '../../project.ts';
import { EXIT, explain } from '../errors.ts';
import { render } from './render.ts';

const EXAMPLES = join(PROJECT_ROOT, 'examples');

test('the rocky profile gives the texts of Octavia Rocky, word for word', async (t) => {
  const out = await mkdtemp(join(tmpdir(), 'amphora-testbed-render-'));
  try {
    await render({
      loadBalancer: join(EXAMPLES, 'load-balancer.json'),
      profile: 'rocky',
      split: true,
      with: [],
      out,
    });
    const golden = join(EXAMPLES, 'rocky');
    const files = (folder: string) => readdir(folder, { recursive: true }).then((names) => names.sort());
    t.deepEqual(await files(out), await files(golden));
    const texts = (await files(golden)).filter((name) => /\.(cfg|conf|service)$/.test(name));
    t.is(texts.length, 10, 'five texts an amphora');
    for (const name of texts) {
      t.is(await readFile(join(out, name), 'utf8'), await readFile(join(golden, name), 'utf8'), name);
    }
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});

test('a subnet without room for the amphorae is refused by its name', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-render-'));
  try {
    const loadBalancer = join(folder, 'small.json');
    await writeFile(loadBalancer, '{ "vip_address": "203.0.113.253", "subnet_cidr": "203.0.113.252/30" }');
    const refused = await t.throwsAsync(render({ loadBalancer, profile: 'current', with: [], out: folder }));
    t.is(explain(refused).code, EXIT.usage);
    t.regex(refused?.message ?? '', /^subnet_cidr: must have room for 2 amphorae/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Renders the example by the command line, with a keepalived.conf of one's own. */
async function command(keepalived: string, ...flags: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-render-'));
  try {
    const text = join(folder, 'mine.conf');
    await writeFile(text, keepalived);
    const out = join(folder, 'out');
    const program = join(PROJECT_ROOT, 'harness/command-line/main.ts');
    const given = ['--load-balancer', join(EXAMPLES, 'load-balancer.json'), '--out', out];
    const words = ['render', ...given, '--with', `keepalived.conf=${text}`, ...flags];
    const { exitCode, stdout, stderr } = await execa('node', [program, ...words], { reject: false });
    const folders = await readdir(out).catch(() => []);
    const files = await Promise.all(
      folders.map((name) => readFile(join(out, name, 'keepalived.conf'), 'utf8')),
    );
    return { exitCode, stdout, stderr, files };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("a text of one's own is rendered for each amphora, and differs from the testbed's own", async (t) => {
  const text = 'router {{ amphora.name }} {{ amphora.priority }}\n';
  const { exitCode, stdout, stderr, files } = await command(text, '--diff', 'own');
  t.is(exitCode, EXIT.failed, stderr);
  t.deepEqual(files.toSorted(), ['router amphora-1 100\n', 'router amphora-2 90\n']);
  // Two of four files differ.
  t.deepEqual(
    [...stdout.matchAll(/^(?:---|\+\+\+) ([ab])\/.*\/(.*)$/gm)].map(([, side, name]) => `${side} ${name}`),
    ['a keepalived.conf', 'b keepalived.conf', 'a keepalived.conf', 'b keepalived.conf'],
  );
  t.regex(stdout, /^@@ -1,\d+ \+1,1 @@\n-vrrp_script check_script \{\n[\s\S]*^\+router amphora-1 100$/m);
});

test('what does not differ has exit code 0 and an empty diff', async (t) => {
  const out = await mkdtemp(join(tmpdir(), 'amphora-testbed-render-'));
  t.teardown(() => rm(out, { recursive: true, force: true }));
  const loadBalancer = join(EXAMPLES, 'load-balancer.json');
  t.is(await render({ loadBalancer, profile: 'current', with: [], diff: 'own', out }), EXIT.ok);
});

for (const [flags, sentence] of [
  [['--with', 'image=a:1'], /^--with: image changes nothing in what is rendered; render takes octavia,/],
  [['--with', 'release=trixie'], /^--with: release changes nothing in what is rendered/],
  [
    ['--diff', 'bookwrm'],
    /^--diff: octavia takes own, bookworm, trixie .*or a folder.*the nearest is bookworm/,
  ],
  [
    ['--with', 'octavia=trixie', '--split'],
    /^Octavia's own renderers do not write one HAProxy for each listener/,
  ],
  [
    ['--with', 'octavia=trixie', '--profile', 'rocky'],
    /^Octavia's own renderers do not write the profile rocky/,
  ],
] as const) {
  test(`render ${flags.join(' ')} is refused in one sentence`, async (t) => {
    const { exitCode, stderr } = await command('x', ...flags);
    t.is(exitCode, EXIT.usage, stderr);
    t.regex(stderr.trim(), sentence);
    t.is(stderr.trim().split('\n').length, 1, stderr);
  });
}

test('a variable that there is not is refused with file and line', async (t) => {
  const { exitCode, stderr } = await command('a\n{{ amphora.prio }}\n');
  t.is(exitCode, EXIT.usage, stderr);
  t.regex(
    stderr,
    /mine\.conf, line 2: there is no variable "amphora\.prio"; the nearest is amphora\.priority/,
  );
});
