import type { Engine } from '../../lab/engine/engine.ts';
import { PACKET_SPACING_MS } from '../../lab/fabric/protocol.ts';
import type { Images } from '../../lab/images/images.ts';
import type { RunResult } from '../../result/result.ts';
import { executeRun } from '../../run/execute.ts';
import { parametersFor } from '../../scenario/parameters.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { probeFor } from '../../scenario/world/probes.ts';
import { type Agreement, agreementsOf, type Seen } from './agreement.ts';
import { SecondClient } from './second-client.ts';

/** A run, and what other clients saw of its outages. */
export interface CrossChecked {
  readonly run: RunResult;
  readonly agreements: readonly Agreement[];
}

/** Runs a scenario once while a second client asks the VIP too, and compares each outage. */
export async function crossCheck(request: {
  readonly engine: Engine;
  readonly images: Images;
  readonly scenario: Scenario;
  readonly index: number;
  readonly phaseShare: number;
  readonly folder: string;
}): Promise<CrossChecked> {
  const { scenario } = request;
  let seen: readonly Seen[] = [];
  const run = await executeRun({
    ...request,
    parameters: parametersFor(scenario.parameters, []),
    scenario: {
      ...scenario,
      async run(story) {
        await using client = await SecondClient.start(story.lab);
        await scenario.run(story);
        await client.servedAgain();
        seen = client.seen;
      },
    },
  });
  const spacingsMs = { outage: probeFor(scenario.model).intervalMs, packetOutage: PACKET_SPACING_MS };
  return { run, agreements: seen.flatMap((each) => agreementsOf(run, each, spacingsMs)) };
}
