/** The GitLab example, run by gitlab-ci-local in a clone: shards, artefacts, and the job that merges them. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { programPath } from '../../lab/engine/private-engine.ts';
import { PROJECT_ROOT } from '../../project.ts';
import { readResult } from '../../result/result.ts';

const TITLE = "GitLab's pipeline runs: three shards, whose artefacts the last job merges";
/** One for each shard, of those that take the least time. */
const SCENARIOS = ['haproxy-kill', 'keepalived-kill', 'port-cut'];

const lacking = ['bash', 'git', 'rsync'].filter((program) => !programPath(program));
if (!existsSync(join(PROJECT_ROOT, '.git'))) lacking.push('a clone of the repository');

if (lacking.length > 0) test.skip(`${TITLE} (there is no ${lacking.join(', no ')} here)`, () => {});
else
  test(TITLE, async (t) => {
    t.timeout(240_000);
    await using stack = new AsyncDisposableStack();
    const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'amphora-testbed-gitlab-')), (path) =>
      rm(path, { recursive: true, force: true }),
    );
    const clone = join(folder, 'clone');
    await execa('git', ['clone', '--quiet', '--shared', PROJECT_ROOT, clone]);
    await execa('git', [
      '-C',
      clone,
      'remote',
      'set-url',
      'origin',
      'git@gitlab.example.com:group/project.git',
    ]);
    const pipeline = await readFile(join(PROJECT_ROOT, 'examples/gitlab-ci.yml'), 'utf8');
    t.true(pipeline.includes('--all --runs 6'));
    await writeFile(
      join(clone, '.gitlab-ci.yml'),
      pipeline
        .replace('--all --runs 6', `${SCENARIOS.join(' ')} --runs 1`)
        // The engine of this machine, rather than one in a container beside the job's.
        .replaceAll(/^ +(?:services|variables|DOCKER_\w+):.*\n/gm, ''),
    );
    // The dependencies that are here stand for a download of the same.
    const npm = programPath('npm');
    const stub = `#!/bin/sh\n[ "$1" = ci ] && exec ln -s ${PROJECT_ROOT}/node_modules .\nexec ${npm} "$@"\n`;
    await writeFile(join(folder, 'npm'), stub, { mode: 0o755 });
    const { all } = await execa(
      'gitlab-ci-local',
      ['--home', folder, '--force-shell-executor', '--shell-isolation', '--concurrency', '1'],
      {
        cwd: clone,
        preferLocal: true,
        localDir: PROJECT_ROOT,
        env: { PATH: `${folder}${delimiter}${process.env.PATH}`, INIT_CWD: undefined },
        reject: false,
        all: true,
      },
    );
    const artifacts = join(clone, '.gitlab-ci-local/artifacts');
    // Each job's folder has its name, written without the characters that shells take for their own.
    const [merge, ...shards] = (await readdir(artifacts)).sort();
    t.is(merge, 'merge', all);
    const kept = await Promise.all(shards.map((job) => readdir(join(artifacts, job, 'shards'))));
    t.deepEqual(kept, [['1'], ['2'], ['3']], all);
    const merged = await readResult(join(artifacts, 'merge/reports/latest'));
    t.deepEqual(merged.scenarios.map(({ name }) => name).sort(), SCENARIOS);
    // What the machine disturbed was repeated.
    const judged = merged.scenarios.map(
      ({ runs }) => runs.filter(({ status }) => status !== 'invalid').length,
    );
    t.deepEqual(judged, [1, 1, 1], all);
  });
