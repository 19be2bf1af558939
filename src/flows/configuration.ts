import { members } from '../domain/deployment.ts';
import { NotFound } from '../domain/objects.ts';
import { PATHS } from '../templates/paths.ts';
import type { Flow } from './flow.ts';
import type { Services } from './services.ts';

/** Gives an amphora's agent its configuration anew (upstream's update_amphora_config_flow). */
export function configureAmphora(services: Services, id: string, amphoraId: string): Flow {
  const { bootFiles, deployments, driver } = services;
  return {
    name: 'AmphoraConfigUpdate',
    of: amphoraId,
    execute: async () => {
      const deployment = deployments.get(id);
      const amphora = members(deployment).find((known) => known.id === amphoraId);
      const files = await bootFiles({ amphoraId, topology: deployment.loadBalancer.topology });
      const file = files.find(({ path }) => path === PATHS.agentConfiguration);
      if (!amphora || !file) throw new NotFound(`There is no configuration for amphora ${amphoraId}.`);
      await driver.uploadAgentConfiguration(amphora, file.content);
    },
  };
}
