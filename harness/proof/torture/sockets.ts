import { type Break, breaking } from './break-sockets.ts';
import type { Bench, Torture } from './fault.ts';
import { withVerdicts } from './verdicts.ts';
import { Victim } from './victim.ts';

const RUNS = 3;
const SCENARIO = [
  ...['scenario', 'keepalived-stop', '--runs', String(RUNS), '--parallel', '2', '--reuse'],
  ...['--seed', '1'],
];
const HOW = ['reset', 'half-closed', 'stalled'] as const;
/** By then a run has its lab, and its fault. */
const WITHIN_MS = 8000;

/**
 * Connections between the harness's own processes, and to the engine, are reset, half closed and stalled; then the
 * process that runs the scenarios is killed. In each case every run has its verdict.
 */
export const sockets: Torture = async (bench) => {
  const places = { address: 'amphora-testbed/slots', most: Number.POSITIVE_INFINITY };
  // Each lab depends on one of these: a run can be repeated twice.
  const streams = { address: bench.engine.host.replace(/^unix:\/\//, ''), most: 1 };
  for (const [what, target] of Object.entries({ 'places for labs': places, 'the engine': streams })) {
    for (const how of HOW) {
      if (bench.signal.aborted) return;
      const broken: Break = { how, ...target, withinMs: WITHIN_MS, seed: bench.seed };
      await suffered(bench, `connections to ${what} ${how}`, breaking([broken]));
    }
  }
  if (bench.signal.aborted) return;
  await suffered(bench, 'kill -9 of the runner', {}, async (victim) => {
    await victim.observed();
    victim.killRunner();
  });
};

async function suffered(
  { engine, report }: Bench,
  fault: string,
  env: Readonly<Record<string, string>>,
  strike: (victim: Victim) => Promise<void> = async () => {},
): Promise<void> {
  await using victim = await Victim.start(engine, SCENARIO, { env });
  await strike(victim);
  const blow = await victim.judge({ fault, instant: `in ${RUNS} runs` }, [0]);
  report(await withVerdicts(victim, blow, { passed: RUNS }));
}
