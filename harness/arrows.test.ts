import { glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from './project.ts';

/**
 * What each room may use, types included: what is not written here is forbidden. A room uses only rooms that stand above
 * it, so that there is no circle. First the system, then the harness along the way of its data; names without `src/` are
 * below `harness/`.
 */
const ARROWS = tableOf(`
src/domain/schema:
src/domain: src/domain/schema
src/domain/api: src/domain/schema src/domain
src/health: src/domain
src/templates: src/domain/schema src/domain
src/templates/haproxy: src/domain src/templates
src/agent: src/domain/schema src/domain src/health src/templates
src/driver: src/domain src/templates src/templates/haproxy
src/store: src/domain
src/flows: src/domain src/health src/templates src/templates/haproxy src/driver src/store
src/controller: src/domain/schema src/domain src/domain/api src/health src/templates src/store
  src/flows
src/api: src/domain/schema src/domain src/domain/api src/health src/driver src/flows src/controller
src/golden:
project:
imports: project
syntax:
pair/configuration: project syntax
pair: project syntax pair/configuration
pair/rules: syntax pair/configuration pair
system: project
streams:
observations: streams
analysis/model: src/domain syntax pair/configuration system
pair/failures: syntax pair/configuration pair analysis/model
analysis/statistics:
analysis/timeline: observations
result: analysis/model analysis/statistics
analysis/verdict: system observations analysis/model analysis/statistics analysis/timeline result
lab/engine: project streams
lab/renderers: src/domain src/domain/api src/templates src/driver project system streams lab/engine
lab/images: project imports pair/configuration system pair/failures result lab/engine lab/renderers
lab/fabric: src/domain system streams observations lab/engine
lab: src/domain/schema src/domain src/domain/api src/health src/templates src/driver src/store
  src/flows src/controller system streams lab/engine lab/renderers lab/images lab/fabric
lab/plain: src/domain/schema src/domain src/flows project syntax pair/configuration system lab/engine
  lab/images lab/fabric lab
observers: streams observations lab/fabric lab
vocabulary: project observations lab/fabric lab
faults/shared: observations lab/fabric lab vocabulary
faults: src/templates/haproxy syntax pair/configuration lab/fabric lab vocabulary faults/shared
mutations: src/domain src/templates src/flows result lab
report/content: analysis/model analysis/statistics result analysis/verdict
report/page: observations analysis/statistics analysis/timeline result report/content
report: analysis/statistics analysis/timeline result analysis/verdict report/content report/page
compare/history: analysis/model analysis/statistics result lab/engine report/content
pair/card: pair analysis/model pair/failures analysis/statistics result report/page
scenario/world: observations result analysis/verdict lab vocabulary
scenario/story/expectations: src/domain observations analysis/statistics lab vocabulary scenario/world
scenario/story: observations lab vocabulary scenario/world scenario/story/expectations
scenario: src/domain/schema src/domain src/templates project system observations analysis/model
  analysis/statistics result analysis/verdict lab vocabulary report/content report scenario/world
  scenario/story
scenarios: system lab scenario
compare/bench: project system streams analysis/statistics analysis/timeline result report/content
  compare/history scenario
compare/latency: src/driver project analysis/statistics lab/engine lab/images lab/fabric lab
  compare/bench
compare/cost: system analysis/statistics result lab/engine lab/fabric
run/tap: project imports
run: project imports system streams observations analysis/model analysis/statistics result
  analysis/verdict lab/engine lab/renderers lab/images lab/fabric lab lab/plain observers vocabulary
  mutations scenario/world scenario run/tap
run/queue: project result lab/engine lab/images scenario run
run/explore: project result lab/engine lab/images vocabulary mutations scenario/story scenario run
  run/queue
run/merge: project result compare/history run
run/night: project analysis/statistics result lab/engine lab/images report compare/history scenario
  run run/queue
live: src/domain/schema project syntax observations analysis/model analysis/statistics
  analysis/timeline result analysis/verdict lab lab/plain observers vocabulary report/content
  report/page report scenario/world scenario/story scenario run
proof/accuracy: observations analysis/statistics analysis/timeline lab/fabric lab scenario/world
proof/cross-check: observations analysis/timeline result lab/engine lab/images lab/fabric lab
  vocabulary scenario/world scenario run
proof/client: project lab/images
proof/golden: src/domain src/driver src/golden project lab/renderers lab/images run
proof/leaks: streams lab/engine
proof/torture: src/domain project streams analysis/statistics result lab/engine lab/images lab
  mutations run proof/leaks
packaging: project imports lab/images
stock: project syntax streams lab/engine lab/images report
command-line: src/domain/schema src/domain src/templates src/store src/controller project imports
  syntax system streams analysis/statistics result lab/engine lab/images lab lab/plain report/content
  report compare/history scenario compare/bench run run/queue run/night live stock
command-line/commands/pair: project pair/configuration pair system pair/failures result lab/engine
  lab/images lab/plain report pair/card scenario run command-line
command-line/commands/scenario: result lab/engine report scenario run run/queue
command-line/commands/lab: src/flows project analysis/statistics lab/engine lab lab/plain report
  scenario run command-line
command-line/commands/bench: src/domain project system observations analysis/statistics result
  lab/engine lab observers mutations report compare/history scenario/world scenario compare/bench
  compare/latency compare/cost run proof/accuracy proof/cross-check command-line
command-line/commands: src/domain src/health src/templates src/driver src/store src/flows
  src/controller src/api project imports system analysis/model analysis/statistics result lab/engine
  lab/renderers lab/images lab mutations report/content report compare/history scenario/story scenario
  run/tap run run/queue run/explore run/merge run/night live proof/golden proof/torture stock
  command-line command-line/commands/pair command-line/commands/scenario command-line/commands/lab
  command-line/commands/bench
`);

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly file: string;
}

test('the house has the arrows that are drawn, and no others', async (t) => {
  const arrows = await arrowsOf(PROJECT_ROOT);
  t.deepEqual(forbidden(arrows), []);
  const drawn = [...ARROWS].flatMap(([from, rooms]) => rooms.map((to) => `${from} → ${to}`));
  const used = new Set(arrows.map(({ from, to }) => `${from} → ${to}`));
  t.deepEqual(
    drawn.filter((arrow) => !used.has(arrow)),
    [],
    'drawn, and no longer there',
  );
});

test('the drawing has no circle: each room stands below those that it uses', (t) => {
  const order = [...ARROWS.keys()];
  for (const [n, room] of order.entries()) {
    const above = order.slice(0, n);
    t.deepEqual(
      ARROWS.get(room)?.filter((used) => !above.includes(used)),
      [],
      room,
    );
  }
});

test('an arrow against the direction is found, and so is a room that is not drawn', (t) => {
  const known = new Set(['harness/lab/lab.ts']);
  const found = (file: string, text: string) => forbidden(arrowsIn(file, text, known));
  const upwards = ['analysis/timeline → lab (harness/analysis/timeline/new.ts)'];
  t.deepEqual(
    found('harness/analysis/timeline/new.ts', "import type { Lab } from '../../lab/lab.ts';"),
    upwards,
  );
  t.deepEqual(found('harness/analysis/timeline/new.ts', "await import('../../lab/lab.ts');"), upwards);
  t.deepEqual(found('harness/analysis/timeline/new.ts', "export { Lab } from '../../lab/lab.ts';"), upwards);
  t.deepEqual(found('harness/attic/new.ts', "import { Lab } from '../lab/lab.ts';"), [
    'attic → lab (harness/attic/new.ts)',
  ]);
  t.deepEqual(found('harness/observers/new.ts', "import { Lab } from '../lab/lab.ts';"), []);
});

function forbidden(arrows: readonly Arrow[]): readonly string[] {
  return arrows
    .filter(({ from, to }) => !ARROWS.get(from)?.includes(to))
    .map(({ from, to, file }) => `${from} → ${to} (${file})`);
}

/** Tests, and what only they use, may look wherever they like. */
async function arrowsOf(root: string): Promise<readonly Arrow[]> {
  const all = await Array.fromAsync(glob('{src,harness,scenarios}/**/*.ts', { cwd: root }));
  const known = new Set(all);
  const files = all.filter((file) => !/\.(test|fixture|double)\.ts$/.test(file));
  const texts = files.map(async (file) => arrowsIn(file, await readFile(join(root, file), 'utf8'), known));
  return (await Promise.all(texts)).flat();
}

function arrowsIn(file: string, text: string, known: ReadonlySet<string>): readonly Arrow[] {
  const imports = text.matchAll(/^(?:import|export)\b[^;]*? from '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gms);
  return [...imports]
    .map(([, plain, late]) => normalize(join(dirname(file), plain ?? late ?? '')))
    .filter((target) => known.has(target) && dirname(target) !== dirname(file))
    .map((target) => ({ from: roomOf(file), to: roomOf(target), file }));
}

function roomOf(file: string): string {
  return dirname(file) === 'harness' ? 'project' : dirname(file).replace(/^harness\//, '');
}

/** A line that is indented goes on with the line before. */
function tableOf(text: string): ReadonlyMap<string, readonly string[]> {
  const rows = text.trim().replaceAll(/\n +/g, ' ').split('\n');
  return new Map(
    rows.map((row) => {
      const [room = '', uses = ''] = row.split(':');
      return [room, uses.split(' ').filter((word) => word !== '')];
    }),
  );
}
