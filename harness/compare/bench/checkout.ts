import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { codeFile, PACKED, PROJECT_ROOT, userFolder } from '../../project.ts';
import { firstLine } from '../../streams/lines.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { UsageError } from '../../usage-error.ts';
import { CommandFailed } from './command-failed.ts';

const MAIN = 'harness/command-line/main';
const LOCK = 'package-lock.json';
/** A command that was asked to end takes down what it has built. */
const END_LIMIT_MS = 30_000;

/** The sources that a variant is measured with, built. */
export interface Checkout extends AsyncDisposable {
  readonly folder: string;
  /** The commit, shortened; for this checkout as it is, whether it has changes. */
  readonly version: string;
  /** What starts its command line, for who runs it otherwise, and in which folder. */
  readonly command: { readonly program: readonly string[]; readonly cwd: string };
  /** Runs a command of the product there; its standard output. @throws CommandFailed */
  run(args: readonly string[], signal: AbortSignal): Promise<string>;
  /** Starts a command that prints one line and stays until it is disposed of. @throws CommandFailed */
  open(args: readonly string[], signal: AbortSignal): Promise<Opened>;
}

/** A command that runs. */
export interface Opened extends AsyncDisposable {
  /** The first that it printed. */
  readonly line: string;
}

/** Once a command: both sides of a comparison may be this checkout. */
let ownSetUp: Promise<void> | undefined;

/**
 * This checkout where no ref is given, or a worktree of that commit. Either is set up with what its files say now: one
 * that has changed since would load its sources, and take more processor time than the other for that alone. Such a
 * worktree goes when the checkout is disposed of; its images are kept as long as the engine keeps them.
 *
 * @throws UsageError when there is no such commit
 * @throws CommandFailed when it cannot be built
 */
export async function checkoutFor(ref: string | undefined, say: (line: string) => void): Promise<Checkout> {
  if (ref === undefined) {
    const own = checkoutAt(PROJECT_ROOT, await workingTree(), async () => {});
    // What npm has installed is set up by its user, and does not change.
    if (!PACKED) ownSetUp ??= setUp(own, 'this checkout', say);
    await ownSetUp;
    return own;
  }
  if (PACKED) {
    throw new UsageError(
      `ref takes a commit of the testbed; found "${ref}" in the npm package, which has none: use a clone.`,
    );
  }
  const commit = await commitOf(ref);
  const parent = await temporaryFolder('bench');
  const folder = join(parent.path, 'checkout');
  const gone = async () => {
    await git(['worktree', 'remove', '--force', folder]).catch(() => {});
    await parent.remove();
  };
  try {
    say(`ref=${ref}: ${commit.slice(0, 10)} in a worktree`);
    await git(['worktree', 'add', '--detach', folder, commit]);
    await installModules(folder, say);
    const checkout = checkoutAt(folder, commit.slice(0, 10), gone);
    await setUp(checkout, `ref=${ref}`, say);
    return checkout;
  } catch (error) {
    await gone();
    throw error;
  }
}

async function setUp(checkout: Checkout, name: string, say: (line: string) => void): Promise<void> {
  say(`${name}: bundling its code, building its images`);
  await checkout.run(['setup'], new AbortController().signal);
}

function checkoutAt(folder: string, version: string, gone: () => Promise<void>): Checkout {
  const own = folder === PROJECT_ROOT;
  const main = own ? codeFile(MAIN) : join(folder, `${MAIN}.ts`);
  // As npm starts it.
  const bin = join(folder, 'harness/command-line/amphora-testbed.mjs');
  // The user's scenarios are found beside the package's.
  const from = own && PACKED ? userFolder() : folder;
  return {
    folder,
    version,
    command: { program: [process.execPath, bin], cwd: from },
    async run(args, signal) {
      const { stdout } = await execa(process.execPath, [main, ...args], {
        cwd: folder,
        stdin: 'ignore',
        cancelSignal: signal,
        env: { INIT_CWD: from },
      }).catch((error: unknown) => {
        signal.throwIfAborted();
        // A failed scenario has a result too: 1 and 4 are verdicts.
        if (error instanceof ExecaError && (error.exitCode === 1 || error.exitCode === 4) && error.stdout) {
          return { stdout: String(error.stdout) };
        }
        throw error instanceof ExecaError ? new CommandFailed(args[0] ?? '', error) : error;
      });
      return stdout;
    },
    async open(args, signal) {
      const command = execa(process.execPath, [main, ...args], {
        ...{ cwd: folder, stdin: 'ignore', cancelSignal: signal, env: { INIT_CWD: from }, reject: false },
        // A lab takes itself down.
        ...{
          gracefulCancel: false,
          forceKillAfterDelay: END_LIMIT_MS,
          killSignal: 'SIGINT',
          buffer: { stdout: false },
        },
      });
      const line = await firstLine(command.stdout);
      if (line === undefined) {
        const ended = await command;
        signal.throwIfAborted();
        throw ended instanceof ExecaError
          ? new CommandFailed(args[0] ?? '', ended)
          : new Error(`${args[0]} printed nothing`);
      }
      return {
        line,
        async [Symbol.asyncDispose]() {
          command.kill('SIGINT');
          await command;
        },
      };
    },
    [Symbol.asyncDispose]: gone,
  };
}

/** `working tree at 5c8231d2aa, with changes`; the commit is missing where it is no git checkout. */
async function workingTree(): Promise<string> {
  // A package may lie in somebody else's repository.
  if (PACKED) return 'npm package';
  const options = { cwd: PROJECT_ROOT, reject: false } as const;
  const [head, status] = await Promise.all([
    execa('git', ['rev-parse', 'HEAD'], options),
    execa('git', ['status', '--porcelain'], options),
  ]);
  if (head.exitCode !== 0) return 'working tree';
  return `working tree at ${head.stdout.slice(0, 10)}${status.stdout === '' ? '' : ', with changes'}`;
}

async function commitOf(ref: string): Promise<string> {
  const { stdout, exitCode } = await execa('git', ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], {
    cwd: PROJECT_ROOT,
    reject: false,
  });
  if (exitCode !== 0) throw new UsageError(`There is no commit, branch or tag "${ref}" in this repository.`);
  return stdout.trim();
}

/** Equal lock files have equal modules, which are linked; others are installed. */
async function installModules(folder: string, say: (line: string) => void): Promise<void> {
  const locks = await Promise.all([PROJECT_ROOT, folder].map((place) => readFile(join(place, LOCK), 'utf8')));
  if (locks[0] === locks[1]) {
    await execa('cp', ['-al', join(PROJECT_ROOT, 'node_modules'), folder]);
    return;
  }
  say('its dependencies differ: npm ci');
  await execa('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
}

function git(args: readonly string[]) {
  return execa('git', args, { cwd: PROJECT_ROOT });
}
