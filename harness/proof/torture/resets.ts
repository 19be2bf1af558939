import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../temporary-folder.ts';
import { type Break, breaking } from './break-sockets.ts';
import type { Torture } from './fault.ts';
import { withVerdicts } from './verdicts.ts';
import { Victim } from './victim.ts';

/** Each connection for outcomes is reset within this time, and so is its successor. */
const WITHIN_MS = 8000;
/** Likewise the connections to the engine, on which labs depend; each process loses this many of them. */
const ENGINE = { withinMs: 60_000, most: 1 } as const;
const PARALLEL = ['--parallel', '4'] as const;
/** With labs side by side, and a machine that is busy with other things too. */
const LIMIT_MS = { least: 300_000, run: 15_000 } as const;

/** Master kills, all in one invocation, while connections between the harness's own processes are reset at random. */
export const resets: Torture = async ({ engine, seed, count, report }) => {
  await using stack = new AsyncDisposableStack();
  const { path: reports } = stack.use(await temporaryFolder('torture'));
  const tally = join(reports, 'tally');
  const reset = { how: 'reset', seed, tally } as const;
  const breaks: readonly Break[] = [
    { ...reset, address: 'amphora-testbed/slots', withinMs: WITHIN_MS, most: Number.MAX_SAFE_INTEGER },
    { ...reset, address: engine.host.replace(/^unix:\/\//, ''), ...ENGINE },
  ];
  const victim = stack.use(
    await Victim.start(
      engine,
      ['scenario', 'master-kill', '--runs', String(count), ...PARALLEL, '--reuse', '--seed', String(seed)],
      { reports, env: breaking(breaks), limitMs: LIMIT_MS.least + LIMIT_MS.run * count },
    ),
  );
  const blow = await victim.judge({ fault: 'connections reset', instant: `in ${count} runs` }, [0]);
  const { size } = await stat(tally).catch(() => ({ size: 0 }));
  const verdict = await withVerdicts(victim, blow, { passed: count });
  report({
    ...verdict,
    ...(size === 0 && { status: 'failed' as const }),
    detail: `${size} connections reset; ${verdict.detail}`,
  });
};
