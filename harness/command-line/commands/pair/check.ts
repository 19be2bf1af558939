import { cardMarkdown, cardText } from '../../../pair/card.ts';
import { pairIn } from '../../../pair/configuration/folder.ts';
import { examine } from '../../../pair/examine.ts';
import { allRules, type Severity } from '../../../pair/rule.ts';
import { sarifOf } from '../../../pair/sarif.ts';
import { colorsOf } from '../../../report/terminal-text.ts';
import { UsageError } from '../../../usage-error.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { collect, json, takes } from '../../options.ts';
import { fromUser, writeNamedFile } from '../../places.ts';
import { print } from '../../print.ts';
import { testbedVersion } from '../../version.ts';

export interface CheckOptions {
  readonly static?: boolean;
  readonly json?: boolean;
  readonly sarif?: string;
  readonly markdown?: string;
  readonly ignore: readonly string[];
}

export function register(pair: TestbedCommand, { finish }: Running): void {
  pair
    .command('check')
    .description('Reports mistakes in the configurations of a pair; exit code 1 where one is an error.')
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
    .addOption(takes('--sarif <file>', 'Writes the findings as SARIF 2.1.0.', { otherwise: 'not written' }))
    .addOption(
      takes('--markdown <file>', 'Writes the report card as Markdown.', { otherwise: 'not written' }),
    )
    .example('npm run pair -- check examples/pairs/good-unicast --static')
    .action(async (folder, options) => finish(await pairCheck(folder, options)));
}

/** `pair check --static`: the report card of what can be read. */
export async function pairCheck(folder: string, options: CheckOptions): Promise<number> {
  if (!options.static)
    throw new UsageError(
      'pair check needs --static: it reads configurations, and does not measure pairs yet.',
    );
  const pair = await pairIn(fromUser(folder));
  const rules = await allRules();
  const findings = examine(pair, rules, options.ignore);
  const nodes = pair.nodes.map(({ name }) => name);
  if (options.sarif !== undefined) {
    const sarif = sarifOf(findings, rules, testbedVersion());
    await writeNamedFile(fromUser(options.sarif), '--sarif', `${JSON.stringify(sarif, undefined, 2)}\n`);
  }
  if (options.markdown !== undefined)
    await writeNamedFile(fromUser(options.markdown), '--markdown', cardMarkdown(findings, nodes));
  if (options.json) process.stdout.write(`${JSON.stringify({ findings, events: [] })}\n`);
  const out = options.json ? process.stderr : process.stdout;
  const colors = colorsOf(out);
  const painted: Readonly<Record<Severity, (text: string) => string>> = {
    error: colors.red,
    warning: colors.yellow,
    advice: colors.dim,
  };
  print(`${cardText(findings, nodes, (severity, text) => painted[severity](text))}\n`, out);
  return findings.some(({ severity }) => severity === 'error') ? EXIT.failed : EXIT.ok;
}
