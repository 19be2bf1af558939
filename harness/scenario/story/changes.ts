import { done } from '../../faults/fault.ts';
import { agentCertificate } from '../../lab/agent-certificate.ts';
import type { LabAmphora } from '../../lab/lab.ts';
import { type LabLoadBalancer, loadBalancerOf } from '../../lab/load-balancer.ts';
import type { LabObservation } from '../../observe/observation.ts';
import { checked, inject, type World } from './world.ts';

/** What an operator does to a pair that is well. */
export interface Changes {
  reloadKeepalived(amphora: LabAmphora): Promise<LabObservation>;
  reloadHaproxy(amphora: LabAmphora): Promise<LabObservation>;
  /** The controller replaces one amphora. */
  failoverAmphora(amphora: LabAmphora): Promise<LabObservation>;
  /** The controller replaces both, the backup first. */
  failoverLoadBalancer(): Promise<LabObservation>;
  /** The controller gives both agents new certificates. */
  rotateCertificates(): Promise<LabObservation>;
  /** The controller brings both amphorae to this load balancer. */
  loadBalancer(to: LabLoadBalancer): Promise<LabObservation>;
}

export function changesOf(world: World): Changes {
  const { lab } = world;
  const { driver, controller } = lab.parts;
  const asked = (name: string, { instance }: LabAmphora, act: () => Promise<unknown>) =>
    inject(world, () => done('change', name, instance.name, 'through its agent', act));
  return {
    reloadKeepalived: (amphora) =>
      asked('keepalived reloaded', amphora, () => driver.vrrp(amphora, 'reload')),
    reloadHaproxy: (amphora) =>
      asked('HAProxy reloaded', amphora, () =>
        driver.haproxy(amphora, lab.deployment.loadBalancer.id, 'reload'),
      ),
    failoverAmphora: ({ id, instance }) =>
      inject(world, () =>
        done('change', 'amphora replaced', instance.name, 'by the controller', () =>
          controller.failoverAmphora(id),
        ),
      ),
    failoverLoadBalancer: () =>
      inject(world, () =>
        done('change', 'amphorae replaced', 'lab', 'by the controller', () =>
          controller.failoverLoadBalancer(lab.deployment.loadBalancer.id),
        ),
      ),
    rotateCertificates: async () => {
      const serials = () => Promise.all(lab.amphorae.map((amphora) => agentCertificate(lab, amphora)));
      const before = await serials();
      const entry = await inject(world, () =>
        done('change', 'certificates rotated', 'lab', 'by the controller', () =>
          controller.rotateCertificates(lab.deployment.loadBalancer.id),
        ),
      );
      await checked(world, 'each agent shows a new certificate', async () => {
        const after = await serials();
        return { holds: after.every((serial, n) => serial !== before[n]), detail: after.join(', ') };
      });
      return entry;
    },
    loadBalancer: (to) =>
      inject(world, () =>
        done('change', 'load balancer changed', 'lab', 'by the controller', () =>
          controller.updateListeners(loadBalancerOf(to)),
        ),
      ),
  };
}
