import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { PROJECT_ROOT } from '../../project.ts';
import { exampleReport } from '../../report/content/example.ts';
import type { RunResult } from '../../result/result.ts';
import { writeVerdict } from '../../run/run-folder.ts';
import { scenarioResult } from '../../run/scenario-result.ts';
import { catalogue } from '../../scenario/catalogue.ts';
import { figureText } from '../../scenario/figures.ts';

/** A stored pass of these scenarios, each with three runs. */
async function pass(
  scenarios: Readonly<Record<string, Partial<RunResult>>>,
  system?: Readonly<Record<string, string>>,
) {
  await using example = await exampleReport();
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-figures-'));
  const [run] = example.result.scenarios[0]?.runs ?? [];
  if (!run) throw new Error('The example has no run.');
  for (const [name, more] of Object.entries(scenarios)) {
    for (const index of [1, 2, 3]) {
      const place = join(folder, name, `run-${index}`);
      await mkdir(place, { recursive: true });
      await writeVerdict(place, { ...run, index, artifacts: { logs: [] }, ...more });
    }
  }
  const results = await Promise.all(
    Object.keys(scenarios).map((name) => scenarioResult(folder, { name, title: name, parameters: {} })),
  );
  const environment = { ...example.result.environment, system };
  await writeFile(
    join(folder, 'result.json'),
    JSON.stringify({ ...example.result, environment, scenarios: results }),
  );
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const figures = (...args: string[]) =>
  execa(process.execPath, ['harness/command-line/main.ts', 'figures', ...args], {
    cwd: PROJECT_ROOT,
    reject: false,
  });

/** Runs of haproxy-kill that last `factor` times as long as its story tells at most, and what it tells. */
async function haproxyKill(factor: number) {
  const { scenarios } = await catalogue();
  const { outage: told } = scenarios.find(({ name }) => name === 'haproxy-kill')?.measured ?? {};
  if (!Array.isArray(told)) throw new Error('The story of haproxy-kill tells no range of its outage.');
  const outage = factor * told[1];
  const runs = {
    metrics: { outage, packetOutage: 0, excess: outage - 100 },
    predicted: { outage: { min: 100, max: Number.POSITIVE_INFINITY } },
  };
  return {
    runs,
    says: figureText('outage', told),
    lasts: figureText('outage', outage),
    excess: outage - 100,
  };
}

/** A row of a printed table. */
const row = (...cells: readonly string[]) => new RegExp(`│ ${cells.join(' +│ ')}`);

test('a pass in which all is as demanded and told ends with 0, and says why a range is demanded', async (t) => {
  const { runs, says, lasts, excess } = await haproxyKill(1);
  await using stored = await pass({
    'master-kill': { metrics: { outage: 3155, excess: 2, packetExcess: 1 } },
    'haproxy-kill': runs,
  });
  const { stdout, exitCode } = await figures(stored.folder);
  t.is(exitCode, 0, stdout);
  t.regex(stdout, /│ master-kill +│ 3 +│ .* │ 2\.0 +│ 1\.0 +│ yes +│/);
  t.regex(stdout, row('haproxy-kill', '3', '100\\.0 or more', excess.toFixed(1)));
  t.regex(stdout, /- haproxy-kill: systemd waits RestartSec/);
  t.regex(stdout, row('haproxy-kill', 'outage', says, lasts));
  t.regex(stdout, /not in this pass: .*keepalived-stop/);
});

test('a pass that contradicts a model or a story ends with 1, and shows which', async (t) => {
  const { runs, says, lasts } = await haproxyKill(3);
  await using stored = await pass({
    'master-kill': { metrics: { outage: 3255, excess: 102 } },
    'haproxy-kill': runs,
  });
  const { stdout, exitCode } = await figures(stored.folder);
  t.is(exitCode, 1);
  t.regex(stdout, /│ master-kill +│ 3 +│ .* │ 102\.0 +│ – +│ NO/);
  t.regex(stdout, row('haproxy-kill', 'outage', says, `${lasts}.*│ NO`));
});

test("a pass of another system is compared with its models, and not with the stories' figures", async (t) => {
  const { runs, excess } = await haproxyKill(3);
  await using stored = await pass({ 'haproxy-kill': runs }, { pair: 'examples/pairs/good-unicast' });
  const { stdout, exitCode } = await figures(stored.folder);
  t.is(exitCode, 0, stdout);
  t.regex(stdout, row('haproxy-kill', '3', '100\\.0 or more', excess.toFixed(1)));
  t.regex(
    stdout,
    /Figures in stories are not compared: .* this pass is of pair=examples\/pairs\/good-unicast/,
  );
  await using wrong = await pass(
    { 'master-kill': { metrics: { outage: 3255, excess: 102 } } },
    { pair: 'x' },
  );
  t.is((await figures(wrong.folder)).exitCode, 1);
});

test('a folder without a result is refused in one sentence', async (t) => {
  const { stderr, exitCode } = await figures('/absent');
  t.is(exitCode, 2);
  t.regex(stderr, /\/absent holds no result/);
});
