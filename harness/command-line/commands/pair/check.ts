import { isUnserved, type Outcome, outcomeJson } from '../../../pair/card/outcome.ts';
import { cardPage } from '../../../pair/card/page.ts';
import { sarifOf } from '../../../pair/card/sarif.ts';
import { cardMarkdown, eventsText, findingsText, type Paint } from '../../../pair/card/text.ts';
import { pairIn } from '../../../pair/configuration/folder.ts';
import { isDaemon } from '../../../pair/daemons.ts';
import { examine } from '../../../pair/examine.ts';
import { allRules } from '../../../pair/rule.ts';
import { colorsOf } from '../../../report/terminal-text.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { collect, json, parallel, reports, takes } from '../../options.ts';
import { fromUser, writeNamedFile } from '../../places.ts';
import { print } from '../../print.ts';
import { testbedVersion } from '../../version.ts';
import { measurePair } from './measure.ts';

export interface CheckOptions {
  readonly static?: boolean;
  readonly json?: boolean;
  readonly sarif?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly ignore: readonly string[];
  readonly parallel?: number;
  readonly reports: string;
}

export function register(pair: TestbedCommand, { finish, signal }: Running): void {
  pair
    .command('check')
    .description(
      'Reports mistakes in the configurations of a pair, and measures what each failure costs; exit code 1 where a mistake is an error or a failure leaves clients without service.',
    )
    .argument('<folder>', 'The folder of the pair.')
    .option('--static', 'Reads the configurations only, without a lab.')
    .addOption(
      takes('--ignore <rule>', 'Leaves out this rule; may be repeated.', {
        parse: collect,
        unset: [],
        otherwise: 'none',
      }),
    )
    .addOption(json())
    .addOption(takes('--html <file>', 'Writes the report card as one page.', { otherwise: 'not written' }))
    .addOption(takes('--sarif <file>', 'Writes the findings as SARIF 2.1.0.', { otherwise: 'not written' }))
    .addOption(
      takes('--markdown <file>', 'Writes the report card as Markdown.', { otherwise: 'not written' }),
    )
    .addOption(parallel())
    .addOption(reports())
    .example('npm run pair -- check examples/pairs/good-unicast')
    .example('npm run pair -- check examples/pairs/good-unicast --static')
    .action(async (folder, options) => finish(await pairCheck(folder, options, signal)));
}

/** `pair check`: the report card of a pair; with `--static` of what can be read alone. */
export async function pairCheck(folder: string, options: CheckOptions, signal: AbortSignal): Promise<number> {
  const pair = await pairIn(fromUser(folder));
  const rules = await allRules();
  const read = examine(
    pair,
    rules,
    options.ignore.filter((name) => !isDaemon(name)),
  );
  const nodes = pair.nodes.map(({ name }) => name);
  const out = options.json ? process.stderr : process.stdout;
  const paint = paintOn(out);
  print(`${findingsText(read, nodes, paint)}\n`, out);
  const measured = options.static
    ? undefined
    : await measurePair({
        ...{ folder: fromUser(folder), pair, findings: read, signal },
        ...{ parallel: options.parallel, reports: options.reports, ignore: options.ignore },
      });
  const { outcomes = [], findings: said = [], folder: stored } = measured ?? {};
  const findings = [...read, ...said];
  if (said.length > 0) print(`\n${findingsText(said, nodes, paint)}\n`, out);
  if (stored !== undefined) print(`\n${eventsText(outcomes, paint)}\n\n${stored}\n`, out);
  const write = async (flag: 'html' | 'sarif' | 'markdown', text: () => Promise<string> | string) => {
    const file = options[flag];
    if (file !== undefined) await writeNamedFile(fromUser(file), `--${flag}`, await text());
  };
  await write('html', () => cardPage({ name: folder, nodes, findings, outcomes }));
  await write('sarif', () => indented(sarifOf(findings, rules, testbedVersion(), outcomes)));
  await write('markdown', () => cardMarkdown(findings, nodes, outcomes));
  if (options.json)
    process.stdout.write(`${JSON.stringify({ findings, events: outcomes.map(outcomeJson) })}\n`);
  const isError = findings.some(({ severity }) => severity === 'error');
  return isError ? EXIT.failed : exitCodeOf(outcomes);
}

function exitCodeOf(outcomes: readonly Outcome[]): number {
  if (outcomes.some(isUnserved)) return EXIT.failed;
  return outcomes.length > 0 && outcomes.every(({ measured }) => !measured) ? EXIT.noVerdict : EXIT.ok;
}

function indented(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function paintOn(out: NodeJS.WriteStream): Paint {
  const { red, yellow, dim, green } = colorsOf(out);
  const colours = { error: red, warning: yellow, advice: dim, good: green, bad: red, doubt: yellow };
  return (kind, text) => colours[kind](text);
}
