import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { pathIn, readIn, removeIn } from './machine-files.ts';

/** A machine's root with these files, and links that begin with `->`. */
async function machine(
  t: { teardown(end: () => Promise<void>): void },
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'machine-'));
  t.teardown(() => rm(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    const at = join(root, path);
    await mkdir(dirname(at), { recursive: true });
    await (content.startsWith('->') ? symlink(content.slice(2), at) : writeFile(at, content));
  }
  return root;
}

test('an absolute link leads to a file of the machine, not to one of the fabric', async (t) => {
  const root = await machine(t, {
    '/var/run': '->/run',
    '/run/haproxy.sock': 'of the machine',
    '/etc/haproxy/haproxy.cfg': '->/opt/haproxy.cfg',
    '/opt/haproxy.cfg': '->../etc/shared.cfg',
    '/etc/shared.cfg': 'shared',
    '/etc/hostname': '->/../../../../../../etc/shared.cfg',
    '/etc/relative': '->../../../../../../../../../etc/shared.cfg',
  });
  t.is(pathIn(root, '/var/run/haproxy.sock'), `${root}/run/haproxy.sock`);
  t.is(readIn(root, '/etc/haproxy/haproxy.cfg'), 'shared');
  t.is(readIn(root, '/etc/hostname'), 'shared');
  t.is(readIn(root, '/etc/relative'), 'shared');
});

test('a link to itself is an error, not a wait', async (t) => {
  const root = await machine(t, { '/etc/loop': '->loop' });
  t.throws(() => pathIn(root, '/etc/loop'), { message: /more than 40 symbolic links/ });
});

test('what a pattern matches is read in the order of the names, as a shell does', async (t) => {
  const root = await machine(t, {
    '/data': '->/var/data',
    '/var/data/b/haproxy.cfg': 'b\n',
    '/var/data/a/haproxy.cfg': 'a\n',
    '/var/data/certs/one.pem': 'no',
    '/var/data/a.sock': 'no',
    '/var/data/.hidden/haproxy.cfg': 'no',
  });
  t.is(readIn(root, '/data/*/haproxy.cfg'), 'a\nb\n');
  t.is(readIn(root, '/data/*/keepalived.conf'), '');
  t.is(readIn(root, '/elsewhere/*/haproxy.cfg'), '');
});

test('a machine that has gone has no files: that is an error', (t) => {
  t.throws(() => readIn('/proc/0/root', '/etc/haproxy/haproxy.cfg'), { code: 'ENOENT' });
});

test('files of a pattern are removed, a link without what it leads to', async (t) => {
  const root = await machine(t, {
    '/run/one.pid': '1',
    '/run/two.pid': '->/run/kept',
    '/run/kept': 'kept',
    '/run/pid': 'kept',
  });
  removeIn(root, '/run/*.pid');
  removeIn(root, '/nowhere/*.pid');
  t.deepEqual((await readdir(join(root, 'run'))).toSorted(), ['kept', 'pid']);
});
