import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PROJECT_ROOT } from '../../project.ts';
import type { Build } from '../../system/build.ts';
import { baseImage } from './base.ts';
import type { ImageFile } from './recipe.ts';
import { readSourceTree } from './source-tree.ts';
import { type ImageStack, type Layer, stacked, topOf } from './stack.ts';

/** How a build comes into an amphora. */
export interface PlannedBuild {
  /** What is laid over an amphora. */
  readonly layer: Layer;
  /** Where a source tree is compiled: made before the layer. */
  readonly compiled?: ImageStack;
  /** What a report says of it; equal texts are equal contents. */
  readonly part: string;
}

const SCRIPTS = join(PROJECT_ROOT, 'images/builds');

/**
 * Plans a build for amphorae of a Debian release. A source tree is compiled once: its image is named by its contents.
 */
export async function planBuild(build: Build, release: string): Promise<PlannedBuild> {
  const { program, kind, path } = build;
  const install = await script('install.sh');
  const checked = `RUN bash /tmp/build/install.sh ${program} ${kind}`;
  if (kind === 'source') {
    const { described, compiled } = await planCompilation(build, release);
    const layer: Layer = {
      role: 'amphora',
      dockerfile: [
        'COPY build/ /tmp/build/',
        `COPY --from=${topOf(compiled)} /out/ /`,
        `${checked} && rm -r /tmp/build`,
      ],
      files: [{ ...install, path: 'build/install.sh' }],
    };
    return { layer, compiled, part: `built from ${described} (${topOf(compiled).split(':')[1]})` };
  }
  const content = await readFile(path);
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const copied =
    kind === 'package'
      ? { path: 'build/program.deb', mode: 0o644, content }
      : { path: `sbin/${program}`, mode: 0o755, content };
  const layer: Layer = {
    role: 'amphora',
    dockerfile: [
      'COPY build/ /tmp/build/',
      ...(kind === 'package' ? [] : ['COPY sbin/ /usr/sbin/']),
      `${checked} && rm -r /tmp/build`,
    ],
    files: [copied, { ...install, path: 'build/install.sh' }],
  };
  return { layer, part: `${kind} ${basename(path)} (${digest})` };
}

/** Compiles in an image of the amphora's release, so that what it links is what the amphora has. */
async function planCompilation(
  { program, path }: Build,
  release: string,
): Promise<{ readonly compiled: ImageStack; readonly described: string }> {
  const [base, { files, described }, compile] = await Promise.all([
    baseImage(release, 'builder'),
    readSourceTree(path),
    script('compile.sh'),
  ]);
  const layer: Layer = {
    role: 'builder',
    dockerfile: [
      'COPY compile.sh /',
      'COPY source/ /source/',
      `RUN bash /compile.sh ${program} && rm -r /source`,
    ],
    files: [compile, ...files.map((file) => ({ ...file, path: `source/${file.path}` }))],
  };
  return { compiled: stacked(base, [layer]), described };
}

async function script(name: string): Promise<ImageFile> {
  return { path: name, mode: 0o644, content: await readFile(join(SCRIPTS, name)) };
}
