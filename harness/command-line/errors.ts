import { CommanderError } from 'commander';
import { InvalidMachineFile } from '../../src/controller/machines.ts';
import { InvalidLoadBalancer } from '../../src/domain/schema/invalid.ts';
import { UnknownStore } from '../../src/store/sqlite.ts';
import { CommandFailed } from '../compare/bench/command-failed.ts';
import { UnreadableHistory } from '../compare/history/unreadable.ts';
import { EngineUnavailable } from '../lab/engine/engine.ts';
import { PrivateEngineFailed } from '../lab/engine/private-engine.ts';
import { ImageBuildFailed } from '../lab/images/engine-output.ts';
import { ImagesMissing } from '../lab/images/images-missing.ts';
import { NoIpvs } from '../lab/ipvs.ts';
import { BrowserMissing } from '../report/browser.ts';
import { type Result, UnreadableResult } from '../result/result.ts';
import { diskFullIn, EngineFailed, EnvironmentFailed, engineFailedIn } from '../run/environment.ts';
import type { BrokenScenario } from '../scenario/catalogue.ts';
import { StockMachineFailed } from '../stock/disks.ts';
import { UnreadableConfiguration } from '../syntax/statement.ts';
import { UsageError } from '../usage-error.ts';

/** Exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, environment: 3, noVerdict: 4, interrupted: 130 } as const;

/** The exit code for an error, and the sentence that is printed for it, if any. */
export function explain(error: unknown): { readonly code: number; readonly sentence?: string } {
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  if (error instanceof DOMException && error.name === 'AbortError')
    return { code: EXIT.interrupted, sentence: 'interrupted' };
  const sentence = error instanceof Error ? error.message : String(error);
  if (
    error instanceof UsageError ||
    error instanceof InvalidLoadBalancer ||
    error instanceof InvalidMachineFile ||
    error instanceof UnknownStore ||
    error instanceof UnreadableConfiguration ||
    error instanceof UnreadableResult ||
    error instanceof UnreadableHistory
  ) {
    return { code: EXIT.usage, sentence };
  }
  if (diskFullIn(error))
    return { code: EXIT.environment, sentence: `The disk is full, there is no space left: ${sentence}` };
  if (
    error instanceof BrowserMissing ||
    error instanceof NoIpvs ||
    error instanceof EngineFailed ||
    error instanceof EnvironmentFailed ||
    error instanceof EngineUnavailable ||
    error instanceof PrivateEngineFailed ||
    error instanceof ImagesMissing ||
    error instanceof ImageBuildFailed ||
    error instanceof StockMachineFailed
  ) {
    return { code: EXIT.environment, sentence };
  }
  // The testbed connects to nothing else by a path.
  const engineFailed = engineFailedIn(error, 'unix:///');
  if (engineFailed) return { code: EXIT.environment, sentence: engineFailed.message };
  if (error instanceof CommandFailed) return { code: error.exitCode ?? EXIT.failed, sentence };
  const stack = process.env.DEBUG && error instanceof Error ? `\n${error.stack}` : '';
  return { code: EXIT.failed, sentence: `${sentence}${stack}` };
}

/** The exit code for a result, and for scenarios whose files are broken. */
export function exitCodeOf(
  { scenarios }: Pick<Result, 'scenarios'>,
  broken: readonly BrokenScenario[] = [],
): number {
  const statuses = new Set(scenarios.map(({ status }) => status));
  if (statuses.has('failed')) return EXIT.failed;
  if (statuses.has('invalid')) return EXIT.noVerdict;
  return broken.length > 0 ? EXIT.usage : EXIT.ok;
}
