import { createReadStream } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ExecaError, execa } from 'execa';
import { PROJECT_ROOT } from '../../project.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import type { Engine } from '../engine/engine.ts';
import { installPrograms } from '../engine/install.ts';
import { programPath } from '../engine/private-engine.ts';
import { STALL_LIMIT_MS, Stalled, whileItMoves } from '../engine/progress.ts';
import { followed, ImageBuildFailed } from './engine-output.ts';
import { buildContext, type ImageFile, imageReference, listFile, parseList } from './recipe.ts';

const FOLDER = join(PROJECT_ROOT, 'images/base');
/** How often is looked whether a root has grown, in the time that it may stand still. */
const LOOKS = 24;

/** The contents of a base image, the same for both ways of building it. */
export interface BaseRecipe {
  /** Name of the Debian release, e.g. `bookworm`. */
  readonly release: string;
  readonly packages: readonly string[];
  /** Packages whose files are taken without the packages that they depend on. */
  readonly unpacked: readonly string[];
  readonly files: readonly ImageFile[];
}

/** A base image by its contents. */
export interface BaseImage extends BaseRecipe {
  readonly reference: string;
}

/** The release of the testbed's own images. */
export async function ownRelease(): Promise<string> {
  return (await readFile(join(FOLDER, 'release'), 'utf8')).trim();
}

/**
 * Reads images/packages.list, images/base/ and the lists of what is added to them.
 *
 * @param added a folder of images/ with a packages.list and an unpacked.list of its own
 * @param besides more packages
 */
export async function baseImage(
  release: string,
  added?: string,
  besides: readonly string[] = [],
): Promise<BaseImage> {
  const read = async (path: string, mode: number): Promise<ImageFile> => ({
    path,
    mode,
    content: await readFile(join(FOLDER, path)),
  });
  const list = async (path: string) => parseList(await readFile(join(PROJECT_ROOT, 'images', path), 'utf8'));
  const [common, more, unpacked, ...files] = await Promise.all([
    list('packages.list'),
    added === undefined ? [] : list(`${added}/packages.list`),
    added === undefined ? [] : list(`${added}/unpacked.list`),
    read('Dockerfile', 0o644),
    read('dpkg.cfg', 0o644),
    read('finish.sh', 0o755),
  ]);
  const packages = [...new Set([...common, ...more, ...besides])];
  const lists = [listFile('packages.list', packages), listFile('unpacked.list', unpacked)];
  const recipe = { release, packages, unpacked, files: [...files, ...lists] };
  return { ...recipe, reference: imageReference('base', { from: '', text: [release], files: recipe.files }) };
}

/**
 * Builds the base image: from a registry's Debian where the engine reaches one, else with mmdebstrap, which
 * needs Debian's packages and no registry.
 *
 * @param limitMs how long it may make no progress
 * @returns how it was made, for people
 * @throws ImageBuildFailed
 */
export async function buildBase(
  engine: Engine,
  recipe: BaseImage,
  labels: Readonly<Record<string, string>>,
  progress: (line: string) => void,
  limitMs: number = STALL_LIMIT_MS,
): Promise<string> {
  // The private engine has no network at all.
  if (
    engine.kind !== 'private' &&
    (await pulled(engine, `debian:${recipe.release}-slim`, progress, limitMs))
  ) {
    await buildOnRegistryImage(engine, recipe, labels, progress, limitMs);
    return `debian:${recipe.release}-slim and ${recipe.packages.length} packages`;
  }
  await bootstrap(engine, recipe, labels, progress, limitMs);
  return `Debian ${recipe.release} and ${recipe.packages.length} packages, without a registry`;
}

async function pulled(
  engine: Engine,
  image: string,
  progress: (line: string) => void,
  limitMs: number,
): Promise<boolean> {
  progress(`pulling ${image}`);
  try {
    await whileItMoves(
      `the download of ${image}`,
      async (moved, signal) => {
        const download = endedBy(signal, await engine.docker.pull(image));
        await followed(engine, download, () => {}, moved);
      },
      limitMs,
    );
    return true;
  } catch (error) {
    if (error instanceof Stalled)
      throw new ImageBuildFailed(`${error.message}: run \`npm run setup\` again`, { cause: error });
    progress(`no registry answers for ${image} (${firstLine(error)})`);
    return false;
  }
}

async function buildOnRegistryImage(
  engine: Engine,
  recipe: BaseImage,
  labels: Readonly<Record<string, string>>,
  progress: (line: string) => void,
  limitMs: number,
): Promise<void> {
  const stream = await engine.docker.buildImage(buildContext(recipe.files), {
    t: recipe.reference,
    buildargs: { RELEASE: recipe.release },
    labels,
    forcerm: true,
  });
  await whileItMoves(
    `the build of ${recipe.reference}`,
    (moved, signal) => followed(engine, endedBy(signal, stream), progress, moved),
    limitMs,
  );
}

async function bootstrap(
  engine: Engine,
  recipe: BaseImage,
  labels: Readonly<Record<string, string>>,
  progress: (line: string) => void,
  limitMs: number,
): Promise<void> {
  if (!programPath('mmdebstrap')) {
    if (process.getuid?.() !== 0 || !programPath('apt-get')) {
      throw new ImageBuildFailed(
        `the base image needs debian:${recipe.release}-slim from a registry or the program mmdebstrap: let the engine reach a registry, or install mmdebstrap, then run \`npm run setup\``,
      );
    }
    await installPrograms(['mmdebstrap'], progress);
  }
  progress(`mmdebstrap ${recipe.release}: fetching and unpacking packages`);
  // The engine gets it when it is whole: a connection on which nothing is sent for minutes is closed.
  await using folder = await temporaryFolder('base');
  // Programs of another user read what lies below.
  await chmod(folder.path, 0o755);
  const archive = join(folder.path, 'rootfs.tar');
  const changes = [
    'ENV container=docker',
    'CMD ["/sbin/init"]',
    // importing knows no STOPSIGNAL on older engines; compute sets it on the container as well
    ...Object.entries(labels).map(([name, value]) => `LABEL ${name}=${JSON.stringify(value)}`),
  ];
  try {
    const mirrors = await hostMirrors(recipe.release);
    await whileItMoves(
      `mmdebstrap ${recipe.release}`,
      (moved, signal) =>
        makeRoot(recipe, archive, mirrors, { progress, moved, signal, lookAgainMs: limitMs / LOOKS }),
      limitMs,
    );
    progress(`importing Debian ${recipe.release}`);
    const stream = await engine.docker.importImage(createReadStream(archive), { changes });
    const output = await followed(engine, stream, () => {});
    const id = output.findLast(({ status }) => status?.startsWith('sha256:'))?.status;
    if (!id) throw new Error('the engine imported nothing');
    const [repo = '', tag = ''] = recipe.reference.split(':');
    await engine.docker.getImage(id).tag({ repo, tag });
  } catch (cause) {
    const said =
      cause instanceof ExecaError &&
      String(cause.stderr)
        .match(/^E: .*/gm)
        ?.join(' ');
    throw new ImageBuildFailed(
      `the base image of Debian ${recipe.release} could not be made with mmdebstrap: ${said || firstLine(cause)}`,
      { cause },
    );
  }
}

/**
 * The mirrors that this host uses for the release, as lines of sources.list(5); none where the host is no
 * Debian of that release, and mmdebstrap takes its default then.
 */
export async function hostMirrors(release: string): Promise<string[]> {
  const format = '$(ORIGIN)|deb $(REPO_URI) $(RELEASE) $(COMPONENT)';
  const { stdout, failed } = await execa(
    'apt-get',
    ['indextargets', '--format', format, 'Created-By: Packages'],
    {
      reject: false,
    },
  );
  if (failed) {
    return [];
  }
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('Debian|'))
    .map((line) => line.slice('Debian|'.length))
    .filter((line) => new RegExp(` ${release}(-updates|-security)? `).test(line));
  // Without the release itself, its updates are of no use.
  return lines.some((line) => line.includes(` ${release} `)) ? [...new Set(lines)] : [];
}

/** Has mmdebstrap make a root in the folder of its archive. */
async function makeRoot(
  recipe: BaseImage,
  archive: string,
  mirrors: readonly string[],
  told: {
    readonly progress: (line: string) => void;
    readonly moved: () => void;
    readonly signal: AbortSignal;
    readonly lookAgainMs: number;
  },
): Promise<void> {
  const finish = join(FOLDER, 'finish.sh');
  const folder = dirname(archive);
  // biome-ignore format: one option a line reads best
  const child = execa('mmdebstrap', [
    '--variant=minbase',
    `--include=${recipe.packages.join(',')}`,
    `--dpkgopt=${join(FOLDER, 'dpkg.cfg')}`,
    '--essential-hook=install -m 755 /bin/true "$1/usr/local/bin/py3compile"',
    `--customize-hook=copy-in ${finish} /tmp`,
    // The hooks' apt is the host's, set up for the new root (mmdebstrap(1), HOOKS).
    ...recipe.unpacked.map(
      (name) => `--customize-hook=cd "$1/tmp" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get download ${name}`,
    ),
    '--customize-hook=chroot "$1" sh /tmp/finish.sh',
    '--customize-hook=rm "$1/tmp/finish.sh"',
    '--format=tar',
    recipe.release,
    archive,
    ...mirrors,
  ], { stdin: 'ignore', cancelSignal: told.signal, env: { TMPDIR: folder } });
  child.stderr.on('data', (data: Buffer) => {
    told.moved();
    const phase = /^I: (.*)/m.exec(data.toString())?.[1];
    if (phase) told.progress(`mmdebstrap ${recipe.release}: ${phase}`);
  });
  const watched = new AbortController();
  void whenItGrows(folder, told.lookAgainMs, told.moved, watched.signal);
  try {
    await child;
  } finally {
    watched.abort();
  }
}

/** Calls `grown` whenever a folder holds more, or less, than it did; packages are loaded without a word. */
async function whenItGrows(
  folder: string,
  lookAgainMs: number,
  grown: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (let known = ''; !signal.aborted; ) {
    const { stdout } = await execa('du', ['--summarize', '--bytes', folder], { reject: false });
    if (stdout !== known) grown();
    known = stdout;
    await delay(lookAgainMs, undefined, { signal }).catch(() => {});
  }
}

/** A stream of the engine that ends with the signal. */
function endedBy<T extends NodeJS.ReadableStream>(signal: AbortSignal, stream: T): T {
  addAbortSignal(signal, stream as unknown as Readable);
  return stream;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
