import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Help } from 'commander';
import { z } from 'zod';
import { PROJECT_ROOT } from '../../project.ts';
import { metricTable } from '../../report/metrics.ts';
import { resultSchema } from '../../result/result.ts';
import { catalogue } from '../../scenario/catalogue.ts';
import { parseParameters } from '../../scenario/parameters.ts';
import { WORDS } from '../../scenario/story/words.ts';
import { wordTables } from '../../scenario/word-tables.ts';
import { commandsOf, type Group, optionText, type Running, type TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { withFailures } from '../failure-table.ts';

export const group: Group = 'For developers of the testbed';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('reference')
    .description('Prints docs/reference.md, made from commands, parameters, scenarios and schema.')
    .option('--write', "Writes docs/reference.md and the README's table of failures instead.")
    .example('npm run reference -- --write')
    .action(async (options) => finish(await reference(cli, options)));
}

/** `reference`: generates what the documents say about the code. */
async function reference(cli: TestbedCommand, { write }: { readonly write?: boolean }): Promise<number> {
  const text = await referenceText(cli);
  if (!write) {
    process.stdout.write(text);
    return EXIT.ok;
  }
  const readme = join(PROJECT_ROOT, 'README.md');
  await writeFile(join(PROJECT_ROOT, 'docs/reference.md'), text);
  await writeFile(readme, withFailures(await readFile(readme, 'utf8'), (await catalogue()).scenarios));
  return EXIT.ok;
}

async function referenceText(cli: TestbedCommand): Promise<string> {
  const options = (command: TestbedCommand) =>
    new Help()
      .visibleOptions(command)
      .filter(({ long }) => long !== '--help')
      .map((option) => `- \`${option.flags}\`: ${optionText(option)}`);
  const commands = commandsOf(cli)
    .slice(1)
    .filter(({ command }) => command.commands.length === 0)
    .map(({ path, command }) =>
      [
        `### ${path}`,
        '',
        command.description(),
        '',
        ...command.registeredArguments.map(
          (argument) => `- \`${argument.name()}\`${argument.description && `: ${argument.description}`}`,
        ),
        ...options(command),
        '',
        '```sh',
        ...command.examples,
        '```',
        '',
      ].join('\n'),
    );
  const parameters = Object.entries(parseParameters([])).map(([name, value]) => `| \`${name}\` | ${value} |`);
  const scenarios = (await catalogue()).scenarios.map(({ name, title }) => `| \`${name}\` | ${title} |`);
  const text = [
    '# Reference',
    '',
    '<!-- Made by `npm run reference -- --write`; a test holds it in step. -->',
    '',
    '## Commands',
    '',
    ...commands,
    '## Parameters of `--set`',
    '',
    '| name | where not given |',
    '| --- | --- |',
    ...parameters,
    '',
    '## Scenarios',
    '',
    '| name | what happens |',
    '| --- | --- |',
    ...scenarios,
    '',
    '## Words of a story',
    '',
    ...wordTables(WORDS),
    '## Metrics',
    '',
    'Durations and instants are in ms; instants are relative to when a fault, change, repair or mark struck, and a metric',
    'counts until the next one. All clocks are CLOCK_REALTIME of the one kernel that the whole lab shares.',
    '',
    ...metricTable(),
    '',
    '## result.json',
    '',
    ...fields(z.toJSONSchema(resultSchema, { unrepresentable: 'any', io: 'input' }) as Schema, ''),
    '',
  ].join('\n');
  return text;
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

function fields(schema: Schema, path: string): readonly string[] {
  if (schema.items) return fields(schema.items, `${path}[]`);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const here = path ? `${path}.${name}` : name;
    const optional = schema.required?.includes(name) ? '' : ', may be absent';
    return [`- \`${here}\`: ${kind(field)}${optional}`, ...fields(field, here)];
  });
}

function kind(schema: Schema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.join(', ');
  if (schema.anyOf) return schema.anyOf.map(kind).join(' or ');
  return String(schema.type ?? 'anything');
}
