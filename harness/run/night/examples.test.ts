import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateWorkflow } from '@action-validator/core';
import test from 'ava';
import { execa } from 'execa';
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1';
import { type IJob, Job } from 'kubernetes-models/batch/v1';
import { parse, parseAllDocuments } from 'yaml';
import { PROJECT_ROOT } from '../../project.ts';

const example = (name: string) => join(PROJECT_ROOT, 'examples', name);
const read = (name: string) => readFile(example(name), 'utf8');

test("GitHub's workflow is one by its schema", async (t) => {
  const workflow = await read('github-actions.yml');
  t.deepEqual(validateWorkflow(workflow).errors, []);
  t.not(validateWorkflow(workflow.replace('fail-fast', 'fail-fat')).errors.length, 0);
});

test("Kubernetes' Job is one by its schema, with a shard for each index", async (t) => {
  const job = parse(await read('kubernetes-job.yaml')) as IJob;
  t.notThrows(() => new Job(job).validate());
  t.throws(() => new Job({ ...job, kind: 'Jop' } as unknown as IJob).validate());
  const { completions, template } = job.spec ?? {};
  t.true(
    template?.spec?.containers[0]?.args?.[0]?.includes(
      `--shard $((JOB_COMPLETION_INDEX + 1))/${completions}`,
    ),
  );
});

test("Kubernetes' workers and the night that gives them runs are what their schemas say, at one queue", async (t) => {
  const [workers, night] = parseAllDocuments(await read('kubernetes-workers.yaml')).map((each) =>
    each.toJS(),
  );
  t.notThrows(() => new Deployment(workers as IDeployment).validate());
  t.throws(() => new Deployment({ ...workers, spec: { replicas: 'three' } }).validate());
  t.notThrows(() => new Job(night as IJob).validate());
  const [worker, nightly] = [workers, night].map(({ spec }) => spec.template.spec.containers[0]);
  t.regex(worker.args[0], /npm run worker -- --queue "\$QUEUE"/);
  t.regex(nightly.args[0], /npm run nightly -- .*--queue "\$QUEUE"/);
  t.deepEqual(worker.env, nightly.env);
});

test("GitLab's pipeline is one by its schema, and unrolls into shards that are merged", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-gitlab-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await copyFile(example('gitlab-ci.yml'), join(folder, '.gitlab-ci.yml'));
  await execa('git', ['init', '--quiet', folder]);
  await execa('git', ['-C', folder, 'remote', 'add', 'origin', 'git@gitlab.example.com:group/project.git']);
  const { stdout } = await execa('gitlab-ci-local', ['--home', folder, '--list-json'], {
    cwd: folder,
    preferLocal: true,
    localDir: PROJECT_ROOT,
  });
  const jobs = JSON.parse(stdout) as readonly { readonly name: string; readonly stage: string }[];
  t.deepEqual(
    jobs.map(({ name, stage }) => `${stage}: ${name}`),
    ['test: shard: [1/3]', 'test: shard: [2/3]', 'test: shard: [3/3]', 'deploy: merge'],
  );
});

test("Zuul's job names the playbook that stands beside it, on hosts of its node set", async (t) => {
  const [{ job }] = parse(await read('zuul.yaml'));
  const playbook = await read('zuul-playbook.yaml');
  t.true(playbook.startsWith(`# ${job.run}\n`));
  t.is(parse(playbook)[0].hosts, job.nodeset.nodes[0].name);
});
