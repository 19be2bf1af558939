import { readdir, readFile, realpath, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Engine } from '../../lab/engine/engine.ts';
import { codeFile, PROJECT_ROOT } from '../../project.ts';
import { readResult } from '../../result/result.ts';
import { RUN_FILES } from '../../run/run-folder.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { LeakWatch } from '../leaks/watch.ts';
import type { Blow } from './fault.ts';

const MAIN = codeFile('harness/command-line/main');
/** For the reaper, which waits for two quiet seconds, and for an engine that removes a lab under load. */
const SETTLE_LIMIT_MS = 30_000;
/** Longer than any tortured command takes; a longer one hangs. */
const HANG_LIMIT_MS = 300_000;
const TRAFFIC_LIMIT_MS = 60_000;

type Command = ReturnType<typeof spawnCommand>;

/** How a tortured command ended. */
export interface Ending {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly hung: boolean;
  readonly durationMs: number;
}

function spawnCommand(args: readonly string[], env: Readonly<Record<string, string>>, timeout: number) {
  return execa(process.execPath, [MAIN, ...args], {
    cwd: PROJECT_ROOT,
    env: { NODE_NO_WARNINGS: '1', ...env },
    reject: false,
    timeout,
    killSignal: 'SIGKILL',
    stdin: 'ignore',
    // In a process group of its own: an interruption reaches all of it, and nothing else.
    detached: true,
  });
}

/** A command of the testbed that runs under watch, with a folder for its reports. */
export class Victim implements AsyncDisposable {
  readonly watch: LeakWatch;
  readonly reports: string;
  readonly startedMs = performance.now();
  readonly ended: Promise<Ending>;
  readonly #child: Command;
  readonly #disposal: AsyncDisposableStack;

  private constructor(watch: LeakWatch, reports: string, child: Command, disposal: AsyncDisposableStack) {
    this.watch = watch;
    this.reports = reports;
    this.#child = child;
    this.#disposal = disposal;
    this.ended = child.then(({ exitCode, stdout, stderr, timedOut }) => ({
      exitCode,
      stdout: String(stdout),
      stderr: String(stderr),
      hung: timedOut,
      durationMs: performance.now() - this.startedMs,
    }));
  }

  /** @param reports a folder that is there already, e.g. a small disk; the caller removes it */
  static async start(
    engine: Engine,
    args: readonly string[],
    options: {
      readonly reports?: string;
      readonly env?: Readonly<Record<string, string>>;
      /** One that takes longer hangs. */
      readonly limitMs?: number;
    } = {},
  ): Promise<Victim> {
    await using stack = new AsyncDisposableStack();
    const watch = stack.use(await LeakWatch.begin(engine));
    let { reports } = options;
    if (reports === undefined) {
      reports = stack.use(await temporaryFolder('torture')).path;
    }
    const child = spawnCommand(
      [...args, ...(args[0] === 'scenario' ? ['--reports', reports] : [])],
      {
        DOCKER_HOST: engine.host,
        ...options.env,
        ...watch.env,
      },
      options.limitMs ?? HANG_LIMIT_MS,
    );
    return new Victim(watch, reports, child, stack.move());
  }

  get stdout(): NodeJS.ReadableStream {
    if (!this.#child.stdout) throw new Error('It was started without a pipe.');
    return this.#child.stdout;
  }

  /** Resolves when one of its runs has seen a request answered. */
  async observed(): Promise<void> {
    const signal = AbortSignal.timeout(TRAFFIC_LIMIT_MS);
    for await (const { filename } of watch(this.reports, { recursive: true, signal })) {
      if (!filename?.endsWith(RUN_FILES.history)) continue;
      if ((await readFile(join(this.reports, filename), 'utf8')).includes('"answered"')) return;
    }
  }

  /** The command alone, with SIGKILL. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** As Ctrl-C in a terminal: to the command and its processes. */
  interrupt(): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGINT');
    } catch (error) {
      // It has ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Kills AVA's process, which asks for the runs; the command itself when there is none. */
  killRunner(): 'runner' | 'command' {
    const runner = this.#ours('/ava/')[0];
    if (runner === undefined) {
      this.kill();
      return 'command';
    }
    process.kill(runner, 'SIGKILL');
    return 'runner';
  }

  /** The processes that perform runs, one for each lab. */
  get workers(): readonly number[] {
    return this.#ours('/worker-main.ts');
  }

  /** The ids of its processes whose command has this in it. */
  #ours(part: string): readonly number[] {
    return this.watch.marked().flatMap(({ pid, command }) => (command.includes(part) ? [pid] : []));
  }

  /**
   * Waits for its end and for its clean-up, and judges both.
   *
   * @param expectedCodes the correct exit codes; a killed command has none
   */
  async judge(
    blow: Pick<Blow, 'fault' | 'instant'>,
    expectedCodes: readonly (number | undefined)[],
  ): Promise<Blow> {
    const ending = await this.ended;
    const leaks = await this.watch.settle(SETTLE_LIMIT_MS);
    const said = ending.stderr.trim().split('\n').at(-1) ?? '';
    const problems = [
      ...(ending.hung ? ['it did not end and was killed'] : []),
      ...(expectedCodes.includes(ending.exitCode)
        ? []
        : [`exit code ${ending.exitCode} instead of ${expectedCodes.join(' or ')}: ${said}`]),
      ...(/^\s+at .+:\d+:\d+\)?$/m.test(ending.stderr)
        ? [`a stack trace: ${ending.stderr.slice(-600)}`]
        : []),
      ...leaks.map(({ kind, what }) => `${kind} left: ${what}`),
      ...(await halfResults(this.reports)),
    ];
    return {
      ...blow,
      status: problems.length === 0 ? 'survived' : 'failed',
      detail: problems.length === 0 ? said : problems.join('; '),
      leaks: leaks.length,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#disposal.disposeAsync();
  }
}

/** Results and reports below a folder that are neither whole nor absent. */
export async function halfResults(reports: string): Promise<readonly string[]> {
  const entries = await readdir(reports, { withFileTypes: true }).catch(() => []);
  const problems = await Promise.all(
    entries.map(async ({ name }) => {
      const folder = join(reports, name);
      const present = await readFile(join(folder, 'result.json')).then(
        () => true,
        () => false,
      );
      try {
        if (name === 'latest') await readResult(await realpath(folder));
        else if (present) await readResult(folder);
        const page = await readFile(join(folder, 'report.html'), 'utf8').catch(() => undefined);
        if (page !== undefined && !page.trimEnd().endsWith('</html>')) return [`half a report: ${folder}`];
      } catch (error) {
        return [`half a result: ${(error as Error).message.slice(0, 300)}`];
      }
      return [];
    }),
  );
  return problems.flat();
}
