import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../project.ts';

const IMPORTS = `import { noOutage } from '../../harness/scenario/models.ts';
import { scenario } from '../../harness/scenario/scenario.ts';

`;

/** A scenario's file: the definition begins in line 4, the story in line 10. */
export function scenarioText(
  name: string,
  { story = '', group = "'network'", fields = 'title: "a mistake"' } = {},
): string {
  return `${IMPORTS}export default scenario('${name}', {
  ${fields},
  group: ${group},
  story: 'A test.',
  model: noOutage,
  async run({ lab, master, backup, traffic, fault, change, heal, mark, expect }) {
${story}
  },
});
`;
}

/** A scenario that runs, for beside the mistakes. */
export const SOUND = scenarioText('sound', { story: '    await fault.cutPort(master);' });

/** A folder with scenarios' files in it, which goes in the end: given relative to the project, as loaded from there. */
export async function scenariosFolder(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { readonly folder: string }> {
  await mkdir(join(PROJECT_ROOT, 'reports'), { recursive: true });
  const folder = await mkdtemp(join(PROJECT_ROOT, 'reports', 'scenarios-'));
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
