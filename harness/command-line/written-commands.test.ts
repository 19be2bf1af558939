import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../project.ts';
import { commandsOf } from './command.ts';
import { program } from './program.ts';

const WRITTEN = ['*.md', 'docs/*.md', 'examples/*', 'reports/README.md', 'scenarios/*.md'];
/** Up to what ends a command in prose, Markdown, YAML and shell. */
const COMMAND = /npm run (?:-s )?([a-z:]+)(?: -- ((?:"\$[^"\n]*"|[^`"\n&|>)])*))?/g;

/** A command line whose commands do nothing: it only parses. */
async function parser() {
  const cli = await program({ finish() {}, signal: AbortSignal.abort() });
  for (const { command } of commandsOf(cli)) command.configureOutput({ writeErr() {} }).action(() => {});
  return cli;
}

/** The words of a written command, with a number where a capital letter stands for one. */
function wordsOf(rest: string): readonly string[] {
  return rest
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => (/^[A-Z]$/.test(word) ? '1' : word.replace(/^'(.*)'$/, '$1')));
}

test('every command that is written down parses', async (t) => {
  const { scripts } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'));
  const names = new Set((await parser()).commands.map((command) => command.name()));
  let seen = 0;
  for await (const file of glob(WRITTEN, { cwd: PROJECT_ROOT })) {
    if (file === 'docs/reference.md') continue;
    const text = await readFile(join(PROJECT_ROOT, file), 'utf8').catch(() => '');
    for (const [written, command = '', rest = ''] of text.matchAll(COMMAND)) {
      seen++;
      t.true(command in scripts, `${file}: ${written}`);
      const words = wordsOf(rest);
      // A name in prose, such as `npm run bench`, is no command line by itself.
      if (!names.has(command) || words.length === 0) continue;
      const cli = await parser();
      await t.notThrowsAsync(cli.parseAsync([command, ...words], { from: 'user' }), `${file}: ${written}`);
    }
  }
  t.true(seen > 50, `${seen} commands seen`);
});
