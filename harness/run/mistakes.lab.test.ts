/** Mistakes in stories that cost a run: what the command line says of them, and that others beside them run. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { PROJECT_ROOT } from '../project.ts';
import { readResult } from '../result/result.ts';
import { SCENARIOS_VARIABLE } from '../scenario/catalogue.ts';
import { scenariosFolder, scenarioText } from '../scenario/mistakes.fixture.ts';

test('master-kill passes beside mistakes, and each of these fails with its line and no outage', async (t) => {
  t.timeout(240_000);
  const masterKill = await readFile(join(PROJECT_ROOT, 'scenarios/master-kill.ts'), 'utf8');
  await using scenarios = await scenariosFolder({
    'master-kill.ts': masterKill.replaceAll("'../harness", "'../../harness"),
    'broken.ts': 'const = 1;\n',
    'forgetful.ts': scenarioText('forgetful', {
      story:
        "    const quiet = await mark('quiet');\n    expect.portAnswers(8080, false);\n    expect.vipStays(quiet, { intervals: 1 });",
    }),
    'throws.ts': scenarioText('throws', {
      story: "    await mark('quiet');\n    (lab as any).nothing.foo();",
    }),
  });
  const names = ['master-kill', 'forgetful', 'throws'];
  const { exitCode, stderr } = await execa(
    process.execPath,
    [
      join(PROJECT_ROOT, 'harness/command-line/main.ts'),
      ...['scenario', ...names, '--json', '--parallel', '2', '--reports', scenarios.folder],
    ],
    { cwd: PROJECT_ROOT, reject: false, env: { [SCENARIOS_VARIABLE]: scenarios.folder } },
  );
  t.is(exitCode, 1, stderr);
  const result = await readResult(join(scenarios.folder, 'latest'));
  const outcome = (name: string) => result.scenarios.find((scenario) => scenario.name === name);
  t.is(outcome('master-kill')?.status, 'passed', outcome('master-kill')?.reason);
  t.is(outcome('forgetful')?.status, 'failed');
  t.regex(outcome('forgetful')?.reason ?? '', /^port 8080 does not answer: answered/);
  t.true(
    outcome('forgetful')?.runs[0]?.checks.some(
      ({ name, status }) => name === 'the VIP stays for 1 advertisement interval' && status === 'passed',
    ),
    'what else is not awaited is looked at as well',
  );
  t.is(outcome('throws')?.status, 'failed');
  t.regex(
    outcome('throws')?.reason ?? '',
    /^TypeError: Cannot read properties of undefined \(reading 'foo'\), at .*\/throws\.ts:11$/,
  );
  for (const { metrics } of outcome('throws')?.runs ?? []) t.is(metrics.outage, undefined);
});
