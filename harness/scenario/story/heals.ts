import { undelay } from '../../faults/delay.ts';
import { dropNothing } from '../../faults/drop.ts';
import { done } from '../../faults/fault.ts';
import { feed, thaw } from '../../faults/machine.ts';
import { raisePort } from '../../faults/port.ts';
import { type AmphoraProcess, signalProcess } from '../../faults/process.ts';
import { type AmphoraService, startService } from '../../faults/service.ts';
import type { LabAmphora } from '../../lab/lab.ts';
import type { LabObservation } from '../../observe/observation.ts';
import { recorded, type World } from './world.ts';

/** Each undoes a fault, at once. */
export interface Heals {
  /** The switch forwards everything again. */
  loseNothing(): Promise<LabObservation>;
  raisePort(amphora: LabAmphora): Promise<LabObservation>;
  /** SIGCONT to what hangs. */
  resume(process: AmphoraProcess, amphora: LabAmphora): Promise<LabObservation>;
  startService(service: AmphoraService, amphora: LabAmphora): Promise<LabObservation>;
  /** Through the agent. */
  startKeepalived(amphora: LabAmphora): Promise<LabObservation>;
  /** Through the agent. */
  startHaproxy(amphora: LabAmphora): Promise<LabObservation>;
  thaw(amphora: LabAmphora): Promise<LabObservation>;
  /** The amphora gets all the time that it wants again. */
  feed(amphora: LabAmphora): Promise<LabObservation>;
  undelay(amphora: LabAmphora): Promise<LabObservation>;
}

export function healsOf(world: World): Heals {
  const { lab } = world;
  const { fabric } = lab;
  const { driver } = lab.parts;
  const asked = (name: string, { instance }: LabAmphora, act: () => Promise<unknown>) =>
    recorded(world, () => done('heal', name, instance.name, 'through its agent', act));
  return {
    loseNothing: () => recorded(world, () => dropNothing(fabric)),
    raisePort: (amphora) => recorded(world, () => raisePort(fabric, amphora)),
    resume: (process, amphora) => recorded(world, () => signalProcess(fabric, amphora, process, 'CONT')),
    startService: (service, amphora) => recorded(world, () => startService(fabric, amphora, service)),
    startKeepalived: (amphora) => asked('keepalived started', amphora, () => driver.vrrp(amphora, 'start')),
    startHaproxy: (amphora) =>
      asked('HAProxy started', amphora, () =>
        driver.haproxy(amphora, lab.deployment.loadBalancer.id, 'start'),
      ),
    feed: (amphora) => recorded(world, () => feed(lab, amphora)),
    undelay: (amphora) => recorded(world, () => undelay(fabric, amphora)),
    thaw: (amphora) => recorded(world, () => thaw(lab, amphora)),
  };
}
