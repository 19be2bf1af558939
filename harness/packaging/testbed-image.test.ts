import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../project.ts';

const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), 'utf8');

/** Instructions of a Dockerfile, by their names. */
function instructions(path: string): ReadonlyMap<string, string> {
  const lines = read(path).replaceAll('\\\n', ' ').split('\n');
  return new Map(
    lines
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
}

test("the testbed's own image installs what npm packs, and starts its command", (t) => {
  const { name, version, bin, engines } = JSON.parse(read('package.json'));
  const image = instructions('images/testbed/Dockerfile');
  const [pattern = ''] = image.get('COPY')?.split(' ') ?? [];
  t.true(matchesGlob(`${name}-${version}.tgz`, pattern), pattern);
  t.true(image.get('RUN')?.includes(`npm install --global --no-fund /tmp/${pattern} `));
  t.deepEqual(JSON.parse(image.get('ENTRYPOINT') ?? ''), Object.keys(bin));
  const [, node] = /^node:(\d+)-slim$/.exec(image.get('FROM') ?? '') ?? [];
  const [, least] = /^>=(\d+)\./.exec(engines.node) ?? [];
  t.true(Number(node) >= Number(least), node);
  // The folder that docs/npm.md mounts.
  t.true(read('docs/npm.md').includes(`--volume "$PWD:${image.get('WORKDIR')}" ${name} setup`));
});
