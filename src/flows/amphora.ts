import { randomUUID } from 'node:crypto';
import { type AmphoraRole, VRRP_PRIORITY } from '../domain/amphora.ts';
import { type AmphoraRecord, additionalVipsOf } from '../domain/deployment.ts';
import { atAmphora, type Flow, type Task } from './flow.ts';
import type { Services } from './services.ts';

/** Builds an amphora up to where it can be given work (upstream's get_amphora_for_lb_subflow and plugging). */
export function buildAmphora(
  services: Services,
  loadBalancerId: string,
  place: { readonly role: AmphoraRole; readonly builtFor: string },
): Flow {
  const { compute, network, driver, bootFiles, deployments } = services;
  const { role, builtFor } = place;
  const found = () =>
    deployments.get(loadBalancerId).amphorae.find((amphora) => amphora.builtFor === builtFor);
  const built = (): AmphoraRecord => {
    const amphora = found();
    if (!amphora) throw new Error(`The ${role} amphora is not there.`);
    return amphora;
  };
  const doomed = async (act: (amphora: AmphoraRecord) => Promise<void>) => {
    const amphora = found();
    if (amphora && !amphora.kept) await act(amphora);
  };
  const learn = (change: Partial<AmphoraRecord>) =>
    deployments.changeAmphora(loadBalancerId, builtFor, change);
  const tasks: readonly Task[] = [
    {
      name: 'CreateAmphoraInDB',
      of: role,
      execute: async () => {
        if (found()) return;
        const spare = await compute.takeSpare?.(builtFor);
        deployments.change(loadBalancerId, ({ amphorae, vip }) => ({
          amphorae: [
            ...amphorae,
            {
              id: spare?.amphoraId ?? randomUUID(),
              role,
              status: 'BOOTING',
              builtFor,
              createdAt: new Date().toISOString(),
              compute_id: spare?.computeId ?? '',
              lb_network_ip: spare?.lbNetworkIp ?? '',
              agent_url: spare?.agentUrl ?? '',
              vrrp_ip: '',
              ha_ip: vip.ip_address,
              vrrp_port_id: '',
              vrrp_priority: role === 'STANDALONE' ? 0 : VRRP_PRIORITY[role],
              vrrp_interface: '',
            } satisfies AmphoraRecord,
          ].toSorted((one, other) => other.vrrp_priority - one.vrrp_priority),
        }));
      },
      revert: () => doomed(async ({ id }) => forgetAmphora(services, loadBalancerId, id)),
    },
    {
      name: 'CertComputeCreate',
      of: role,
      execute: async () => {
        const { id, compute_id } = built();
        if (compute_id) return;
        const { topology } = deployments.get(loadBalancerId).loadBalancer;
        const files = await bootFiles({ amphoraId: id, topology });
        const instance = await compute.boot({ amphoraId: id, files });
        learn({
          compute_id: instance.computeId,
          lb_network_ip: instance.lbNetworkIp,
          agent_url: instance.agentUrl,
        });
      },
      revert: () => doomed(({ id }) => compute.delete(id)),
    },
    {
      name: 'AmphoraComputeConnectivityWait',
      of: role,
      execute: () => driver.waitForAgent(built()),
    },
    {
      name: 'PlugVIPAmphora',
      of: role,
      execute: async () => {
        const port = await plug();
        learn({ vrrp_ip: port.vrrpIp, vrrp_port_id: port.portId });
      },
      revert: () => doomed(({ id }) => network.unplugVipPort(id)),
    },
    {
      name: 'AmphoraPostVIPPlug',
      of: role,
      execute: async () => {
        const deployment = deployments.get(loadBalancerId);
        await driver.plugVip(built(), deployment.vip, await plug(), additionalVipsOf(deployment));
      },
    },
    {
      name: 'MarkAmphoraAllocatedInDB',
      of: role,
      execute: async () => learn({ status: 'ALLOCATED' }),
    },
  ];
  return { sequence: tasks.map((task) => ({ ...task, execute: () => named(task.execute) })) };

  /** Names the amphora in a failure, as soon as there is one. */
  function named(execute: Task['execute']): Promise<void> {
    const amphora = found();
    return amphora ? atAmphora(amphora, execute) : execute();
  }

  function plug() {
    const { id, compute_id } = built();
    const { vip } = deployments.get(loadBalancerId);
    return network.plugVipPort({ computeId: compute_id, amphoraId: id, vip });
  }
}

/**
 * Removes an amphora that has been replaced. A cloud that fails at it does not undo the replacement: the amphora
 * stays PENDING_DELETE, for the next flow to remove (upstream's passive_failure).
 *
 * @param replacement the place for which the new one was built
 */
export function deleteAmphora(
  services: Services,
  loadBalancerId: string,
  amphoraId: string,
  replacement: string,
): Flow {
  const { compute, network, deployments } = services;
  const passively = (act: () => Promise<void>) =>
    act().catch(() => {
      const { amphorae } = deployments.get(loadBalancerId);
      const builtFor = amphorae.find(({ id }) => id === amphoraId)?.builtFor ?? '';
      deployments.changeAmphora(loadBalancerId, builtFor, { leftBehind: true });
    });
  return {
    sequence: [
      {
        name: 'ComputeDelete',
        of: amphoraId,
        execute: async () => {
          deployments.changeAmphora(loadBalancerId, replacement, { kept: true });
          await passively(() => compute.delete(amphoraId));
        },
      },
      {
        name: 'DeletePort',
        of: amphoraId,
        execute: () => passively(() => network.unplugVipPort(amphoraId)),
      },
      {
        name: 'MarkAmphoraDeletedInDB',
        of: amphoraId,
        execute: async () => {
          const { amphorae } = deployments.get(loadBalancerId);
          if (amphorae.some(({ id, leftBehind }) => id === amphoraId && leftBehind)) return;
          forgetAmphora(services, loadBalancerId, amphoraId);
        },
      },
    ],
  };
}

/** Removes what an earlier flow could not. */
export async function deleteLeftBehind(services: Services, loadBalancerId: string): Promise<void> {
  const { compute, network, deployments } = services;
  for (const { id, leftBehind } of deployments.get(loadBalancerId).amphorae) {
    if (!leftBehind) continue;
    const outcomes = await Promise.allSettled([compute.delete(id), network.unplugVipPort(id)]);
    if (outcomes.every(({ status }) => status === 'fulfilled')) forgetAmphora(services, loadBalancerId, id);
  }
}

function forgetAmphora({ deployments }: Services, loadBalancerId: string, amphoraId: string): void {
  deployments.change(loadBalancerId, ({ amphorae }) => ({
    amphorae: amphorae.filter(({ id }) => id !== amphoraId),
  }));
}
