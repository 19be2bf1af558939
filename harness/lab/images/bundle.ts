import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { areUnchanged, type Sources, sourcesOf } from '../../imports/sources.ts';
import { COMPILE_CACHE, PACKED, PROJECT_ROOT } from '../../project.ts';
import { writeWhole } from '../../result/write-whole.ts';

/** The programs that run in containers, by their paths without ending: the npm package brings them bundled. */
export const PROGRAMS = [
  'harness/lab/fabric/daemon',
  'harness/lab/fabric/request-load-main',
  'src/agent/main',
] as const;
export type Program = (typeof PROGRAMS)[number];

/**
 * One CommonJS module for Node 24 with all that a program imports. Equal sources give equal bytes. It is kept until one of
 * its sources has changed: making it takes longer than all else before a run. An ES module starts slower: Node then evaluates
 * all that its own modules export, with what they would load later or never.
 *
 * @throws esbuild's BuildFailure with file and line of each error
 */
export async function bundle(program: Program): Promise<Buffer> {
  if (PACKED) return readFile(bundleFile(PROJECT_ROOT, program));
  const kept = await keptBundle(program);
  if (kept) return kept;
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [`${program}.ts`],
    absWorkingDir: PROJECT_ROOT,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    sourcemap: false,
    legalComments: 'none',
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (!file) {
    throw new Error(`esbuild wrote no bundle of ${program}`);
  }
  const content = Buffer.from(file.contents);
  await keep(program, content, Object.keys(metafile.inputs));
  return content;
}

/** Which file a library's name leads to. */
const RESOLUTION = ['package.json', 'package-lock.json', 'harness/lab/images/bundle.ts'];

/** Undefined where there is none, or a source of it is another one by now. */
async function keptBundle(program: Program): Promise<Buffer | undefined> {
  try {
    const kept = await readFile(keptFile(program));
    const end = kept.indexOf('\n');
    const sources = JSON.parse(kept.toString('utf8', 0, end)) as Sources;
    return areUnchanged(sources) ? kept.subarray(end + 1) : undefined;
  } catch {
    return undefined;
  }
}

/** The sources are one line, and the bundle follows. */
async function keep(program: Program, content: Buffer, inputs: readonly string[]): Promise<void> {
  const sources = JSON.stringify(sourcesOf([...RESOLUTION, ...inputs]));
  const file = keptFile(program);
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, Buffer.concat([Buffer.from(`${sources}\n`), content]));
}

/** Where a checkout keeps it. */
export function keptFile(program: Program): string {
  return join(COMPILE_CACHE, 'bundles', program.replaceAll('/', '-'));
}

/** Where a package has the bundle of a program. */
export function bundleFile(root: string, program: Program): string {
  return join(root, `${program}.bundle.cjs`);
}
