import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { checkoutFor } from '../compare/bench/checkout.ts';
import { UsageError } from '../usage-error.ts';
import { systemNamed } from './options.ts';
import { reportsFolder } from './places.ts';

/** Set for a command that runs in the worktree of the ref that `--with` names, to its commit. */
const COMMIT_VARIABLE = 'AMPHORA_TESTBED_COMMIT';
const MAIN = 'harness/command-line/main.ts';
/** A checkout without it knows no `--with`. */
const KNOWS_SYSTEMS = 'harness/system/system.ts';
const STOP_LIMIT_MS = 30_000;

/** The commit whose worktree this is, where it is run for `--with ref=`. */
export function commitUnderTest(): string | undefined {
  return process.env[COMMIT_VARIABLE];
}

/**
 * Runs a command, or has the worktree of the commit that `--with ref=` names run what was typed; its reports go where
 * this checkout's would.
 *
 * @param given.reports the folder of `--reports`; absent where the command writes none
 * @param here the command
 * @returns its exit code
 * @throws UsageError where there is no such commit
 * @throws CommandFailed when it cannot be built
 */
export async function atRef(
  given: { readonly with: readonly string[]; readonly reports?: string },
  signal: AbortSignal,
  here: () => Promise<number>,
): Promise<number> {
  const { ref } = systemNamed(given.with);
  if (ref === undefined || commitUnderTest() !== undefined) return here();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  await using checkout = await checkoutFor(ref, say);
  if (!existsSync(join(checkout.folder, KNOWS_SYSTEMS)))
    throw new UsageError(
      `--with: ref takes a commit that knows --with; "${ref}" is older, and bench --a ref=${ref} measures it.`,
    );
  const typed = process.argv.slice(2);
  const reports = given.reports === undefined ? [] : ['--reports', reportsFolder(given.reports)];
  const { exitCode } = await execa(process.execPath, [MAIN, ...typed, ...reports], {
    cwd: checkout.folder,
    stdio: 'inherit',
    reject: false,
    cancelSignal: signal,
    forceKillAfterDelay: STOP_LIMIT_MS,
    env: {
      INIT_CWD: process.env.INIT_CWD ?? process.cwd(),
      [COMMIT_VARIABLE]: checkout.version,
    },
  });
  signal.throwIfAborted();
  return exitCode ?? 1;
}
