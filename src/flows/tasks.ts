import {
  type AmphoraRecord,
  additionalVipsOf,
  type Deployment,
  members,
  served,
} from '../domain/deployment.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { atAmphora, type Flow, type Task } from './flow.ts';
import { securityRules } from './security-rules.ts';
import type { Services } from './services.ts';

/** Picks the amphorae that a task is for; all that take part where none is given. */
export type Which = (deployment: Deployment) => readonly AmphoraRecord[];

/**
 * Brings the amphorae to what is asked for. One that rejects it leaves the others to be put back: what has been
 * served last is served on.
 */
export function listenersUpdate(
  services: Services,
  id: string,
  options: { readonly name?: string; readonly of?: string; readonly which?: Which } = {},
): Task {
  const { name = 'ListenersUpdate', of, which = members } = options;
  return {
    name,
    ...(of && { of }),
    execute: async () => {
      const deployment = services.deployments.get(id);
      await onEach(which(deployment), (amphora) =>
        serve(services, deployment, amphora, { from: 'applied', to: 'asked' }),
      );
    },
    revert: () => putBack(services, id, which),
  };
}

/** The last good configuration, to those that take it. */
export async function putBack(services: Services, id: string, which: Which = members): Promise<void> {
  const deployment = services.deployments.get(id);
  await Promise.allSettled(
    which(deployment).map(async (amphora) => {
      // What cannot be reached has not taken the change either.
      if (!(await services.driver.reachable(amphora))) return;
      await serve(services, deployment, amphora, { from: 'asked', to: 'applied' });
    }),
  );
}

async function serve(
  { driver, settings }: Services,
  deployment: Deployment,
  amphora: AmphoraRecord,
  { from, to }: { from: 'asked' | 'applied'; to: 'asked' | 'applied' },
): Promise<void> {
  const configurations = { asked: served(deployment), applied: deployment.applied };
  const { vip } = deployment;
  await driver.updateListeners(
    amphora,
    { loadBalancer: configurations[to], vipAddress: vip.ip_address, amphorae: members(deployment), settings },
    configurations[from],
  );
}

/** Opens the security group of the VIP for the listeners, and closes it for all else. */
export function updateVip(
  services: Services,
  id: string,
  options: {
    readonly name?: string;
    readonly of?: string;
    readonly open?: (deployment: Deployment) => LoadBalancer;
  } = {},
): Task {
  const apply = async (open: (deployment: Deployment) => LoadBalancer) => {
    const deployment = services.deployments.get(id);
    // One that is being replaced still has to hear its peers.
    const amphorae = deployment.amphorae.filter(({ vrrp_ip }) => vrrp_ip !== '');
    await services.network.updateSecurityGroup(
      deployment.vip,
      securityRules(open(deployment), amphorae, services.settings.split),
    );
  };
  return {
    name: options.name ?? 'UpdateVIP',
    ...(options.of && { of: options.of }),
    execute: () => apply(options.open ?? served),
    revert: () => apply(({ applied }) => applied),
  };
}

/** Learns the interfaces, uploads keepalived.conf, starts keepalived or has it read that again. */
export function vrrpFlow(
  services: Services,
  id: string,
  { of, which = members }: { readonly of?: string; readonly which?: Which } = {},
): Flow[] {
  const { deployments, driver } = services;
  const place = of ? { of } : {};
  return [
    {
      ...place,
      name: 'AmphoraUpdateVRRPInterface',
      execute: async () => {
        await onEach(which(deployments.get(id)), async (amphora) => {
          const vrrp_interface = await driver.interfaceOf(amphora, amphora.vrrp_ip);
          deployments.changeAmphora(id, amphora.builtFor, { vrrp_interface });
        });
      },
    },
    {
      ...place,
      name: 'AmphoraVRRPUpdate',
      execute: async () => {
        const deployment = deployments.get(id);
        await onEach(which(deployment), (amphora) => uploadVrrp(services, deployment, amphora));
      },
    },
    {
      ...place,
      name: 'AmphoraVRRPStart',
      execute: async () => {
        // One after the other, as upstream: with `nopreempt` and without `state`, the first that starts rules.
        for (const amphora of which(deployments.get(id))) {
          await atAmphora(amphora, () => driver.vrrp(amphora, 'start'));
        }
      },
    },
  ];
}

/** keepalived.conf, with the amphorae that take part now. */
export function uploadVrrp(
  { driver, settings }: Services,
  deployment: Deployment,
  amphora: AmphoraRecord,
): Promise<void> {
  const { vip, group } = deployment;
  return driver.updateVrrp({
    amphora,
    amphorae: members(deployment),
    vip,
    additionalVips: additionalVipsOf(deployment),
    group,
    settings,
  });
}

/** The load balancer is as it was asked for, with all that stands in it. */
export function markActive({ deployments }: Services, id: string, name = 'MarkLBActiveInDB'): Task {
  return {
    name,
    execute: async () => {
      deployments.settle(id);
      deployments.change(id, (deployment) => ({
        provisioning_status: 'ACTIVE',
        applied: served(deployment),
        previous: deployment.loadBalancer,
      }));
    },
  };
}

/** A task without its way back, where the flow's way back removes all that it was done to. */
export function forward({ name, execute }: Task): Task {
  return { name, execute };
}

/** Does nothing, and what must have been done last where a flow has failed: it stands first. */
export function onRevert(name: string, revert: () => Promise<void>): Task {
  return { name, execute: async () => {}, revert };
}

async function onEach(
  amphorae: readonly AmphoraRecord[],
  act: (amphora: AmphoraRecord) => Promise<void>,
): Promise<void> {
  // All must have ended before anything is reverted.
  const outcomes = await Promise.allSettled(
    amphorae.map((amphora) => atAmphora(amphora, () => act(amphora))),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}
