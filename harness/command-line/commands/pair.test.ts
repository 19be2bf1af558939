import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { overlaysIn } from '../../pair/configuration/folder.ts';
import { makePair } from '../../pair/new-pair.ts';
import { PROJECT_ROOT } from '../../project.ts';
import { EXIT, explain } from '../errors.ts';
import { type CheckOptions, pairCheck } from './pair/check.ts';

const BIN = join(PROJECT_ROOT, 'harness/command-line/amphora-testbed.mjs');
const EXAMPLES = join(PROJECT_ROOT, 'examples/pairs');
const STATIC: CheckOptions = { static: true, ignore: [], reports: 'reports' };
const CONF = 'etc/keepalived/keepalived.conf';

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-pair-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

test('a pair with an error ends with 1, and writes JSON, SARIF and Markdown', async (t) => {
  const folder = await folderFor(t);
  const [sarif, markdown] = [join(folder, 'x.sarif'), join(folder, 'x.md')];
  const args = ['pair', 'check', join(EXAMPLES, 'weight-too-small'), '--static', '--json'];
  const { exitCode, stdout } = await execa(
    process.execPath,
    [BIN, ...args, '--sarif', sarif, '--markdown', markdown],
    { reject: false },
  );
  t.is(exitCode, EXIT.failed);
  const { findings, events } = JSON.parse(stdout);
  t.deepEqual(events, []);
  t.deepEqual(Object.keys(findings[0]).sort(), ['advice', 'file', 'line', 'message', 'rule', 'severity']);
  t.is(JSON.parse(await readFile(sarif, 'utf8')).runs[0].results[0].ruleId, 'weight-too-small');
  t.regex(await readFile(markdown, 'utf8'), /weight-too-small/);
});

test('a good pair ends with 0', async (t) => {
  const { exitCode, stdout } = await execa(
    process.execPath,
    [BIN, 'pair', 'check', join(EXAMPLES, 'good-unicast'), '--static'],
    { reject: false },
  );
  t.is(exitCode, EXIT.ok, stdout);
  t.is(stdout.trim(), 'Nothing found in a and b.');
});

/** What cannot be checked: the files of the folder, and the sentence that says why. */
const REFUSED: Readonly<
  Record<
    string,
    {
      readonly files: Readonly<Record<string, string>>;
      readonly options?: Partial<CheckOptions>;
      readonly says: RegExp;
    }
  >
> = {
  'a folder without nodes': {
    files: { 'c.txt': '' },
    says: /has no nodes: it must have the folders a and b/,
  },
  'a node that is a file': {
    files: { a: '', b: '' },
    says: /a" cannot be read as the folder of a node \(ENOTDIR\)/,
  },
  'a node without configurations': {
    files: { 'a/etc/motd': '', [`b/${CONF}`]: '' },
    says: /a" has nothing to read: it needs etc\/keepalived\/keepalived\.conf or etc\/haproxy\/haproxy\.cfg/,
  },
  'a missing brace': {
    files: { [`a/${CONF}`]: 'global_defs {\n}\nvrrp_instance V {\n', [`b/${CONF}`]: '' },
    says: /^a\/etc\/keepalived\/keepalived\.conf:3: the block "vrrp_instance V" has no closing brace\.$/,
  },
  'a pair.yaml with an unknown word': {
    files: { [`a/${CONF}`]: '', [`b/${CONF}`]: '', 'pair.yaml': 'ports: [80]\n' },
    says: /pair\.yaml cannot be read: the file: .*"ports"/,
  },
  'a pair.yaml that is no YAML': {
    files: { [`a/${CONF}`]: '', [`b/${CONF}`]: '', 'pair.yaml': 'service: [\n' },
    says: /pair\.yaml cannot be read: /,
  },
  'a rule that does not exist': {
    files: { [`a/${CONF}`]: '', [`b/${CONF}`]: '' },
    options: { ignore: ['auth-differ'] },
    says: /^--ignore: there is no rule "auth-differ"; the nearest is auth-differs\.$/,
  },
};

for (const [what, { files, options, says }] of Object.entries(REFUSED)) {
  test(`pair check refuses ${what} with one sentence`, async (t) => {
    const folder = await folderFor(t);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const error = await t.throwsAsync(
      pairCheck(folder, { ...STATIC, ...options }, new AbortController().signal),
    );
    const { code, sentence = '' } = explain(error);
    t.is(code, EXIT.usage, sentence);
    t.regex(sentence, says);
    t.is(sentence.split('\n').length, 1, sentence);
  });
}

test('a folder that is not there is refused', async (t) => {
  const error = await t.throwsAsync(pairCheck('/does/not/exist', STATIC, new AbortController().signal));
  t.deepEqual(explain(error), {
    code: EXIT.usage,
    sentence: 'There is no folder of a pair at "/does/not/exist" (ENOENT).',
  });
});

test('pair new makes a folder that pair check reads', async (t) => {
  const folder = join(await folderFor(t), 'mine');
  const files = ['a', 'b'].map((node) => join(EXAMPLES, 'good-unicast', node, CONF));
  const haproxy = [join(EXAMPLES, 'good-unicast/a/etc/haproxy/haproxy.cfg')];
  await makePair({ folder, keepalived: files, haproxy });
  t.deepEqual((await readdir(folder)).sort(), ['a', 'b', 'pair.yaml']);
  const overlays = await overlaysIn(folder);
  for (const { files: inside } of overlays)
    t.deepEqual([...inside.keys()].sort(), ['etc/haproxy/haproxy.cfg', CONF]);
  const again = await t.throwsAsync(makePair({ folder, keepalived: files, haproxy: [] }));
  t.regex(again?.message ?? '', /has something in it already: name a new folder/);
});

test('pair new says how many files it takes', async (t) => {
  const folder = join(await folderFor(t), 'mine');
  const conf = join(EXAMPLES, 'good-unicast/a', CONF);
  const refusals: readonly (readonly [readonly string[], readonly string[], RegExp])[] = [
    [[conf], [], /^--keepalived takes 2 to 5 files, one for each node; found 1\.$/],
    [
      [conf, conf],
      [conf, conf, conf],
      /^--haproxy takes one file for all nodes, or 2, one for each; found 3\.$/,
    ],
    [
      [conf, '/does/not/exist'],
      [],
      /^--keepalived: "\/does\/not\/exist" cannot be copied to ".*" \(ENOENT\)\.$/,
    ],
  ];
  for (const [keepalived, haproxy, says] of refusals) {
    const error = await t.throwsAsync(makePair({ folder, keepalived, haproxy }));
    t.is(explain(error).code, EXIT.usage);
    t.regex(error?.message ?? '', says);
    await rm(folder, { recursive: true, force: true });
  }
});

test('the mode of a script is that of the file', async (t) => {
  const folder = await folderFor(t);
  await cp(join(EXAMPLES, 'good-unicast'), folder, { recursive: true });
  const [a] = await overlaysIn(folder);
  t.true(a?.files.get('etc/keepalived/check-haproxy.sh')?.executable);
  t.false(a?.files.get(CONF)?.executable);
});

test('a link is followed inside the folder of its node, and never out of it', async (t) => {
  const folder = await folderFor(t);
  await cp(join(EXAMPLES, 'good-unicast'), folder, { recursive: true });
  const scripts = join(folder, 'a/etc/keepalived');
  await symlink('/etc/keepalived/check-haproxy.sh', join(scripts, 'absolute.sh'));
  await symlink('../keepalived/check-haproxy.sh', join(scripts, 'relative.sh'));
  await symlink('../../../../b/etc/keepalived/check-haproxy.sh', join(scripts, 'outside.sh'));
  const [a] = await overlaysIn(folder);
  const text = (name: string) => a?.files.get(`etc/keepalived/${name}`)?.text;
  t.regex(text('absolute.sh') ?? '', /^#!/);
  t.regex(text('relative.sh') ?? '', /^#!/);
  t.is(text('outside.sh'), '');
});
