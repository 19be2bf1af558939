import { PEERS_PORT } from '../../../src/templates/haproxy.ts';
import { delay } from '../../faults/delay.ts';
import { drop } from '../../faults/drop.ts';
import { done } from '../../faults/fault.ts';
import { freeze, keepalivedNeed, starve } from '../../faults/machine.ts';
import { loseMember } from '../../faults/member.ts';
import { cutPort, flapPort, interfaceDown } from '../../faults/port.ts';
import { killInstance, powerOff } from '../../faults/power-off.ts';
import { type AmphoraProcess, signalProcess } from '../../faults/process.ts';
import { type AmphoraService, stopService } from '../../faults/service.ts';
import { claimAddress } from '../../faults/stranger.ts';
import type { LabAmphora } from '../../lab/lab.ts';
import type { LabObservation } from '../../observe/observation.ts';
import { inject, type World } from './world.ts';

/** Each strikes at the run's phase after an advertisement of the master, and gives its instants. */
export interface Faults {
  powerOff(amphora: LabAmphora): Promise<LabObservation>;
  killInstance(amphora: LabAmphora): Promise<LabObservation>;
  cutPort(amphora: LabAmphora): Promise<LabObservation>;
  /** The switch's port goes down and up so many times, in tens of milliseconds. */
  flapPort(amphora: LabAmphora, times: number): Promise<LabObservation>;
  interfaceDown(amphora: LabAmphora): Promise<LabObservation>;
  kill(process: AmphoraProcess, amphora: LabAmphora): Promise<LabObservation>;
  /** SIGSTOP: the processes live and do nothing. */
  hang(process: AmphoraProcess, amphora: LabAmphora): Promise<LabObservation>;
  /** By systemd, behind the agent's back. */
  stopService(service: AmphoraService, amphora: LabAmphora): Promise<LabObservation>;
  /** Through the agent: keepalived says farewell with priority 0. */
  stopKeepalived(amphora: LabAmphora): Promise<LabObservation>;
  /** Through the agent, as an operator does it. */
  stopHaproxy(amphora: LabAmphora): Promise<LabObservation>;
  /** Its processes end, its files stay, and it starts again by itself. */
  reboot(amphora: LabAmphora): Promise<LabObservation>;
  /** Everything in the amphora stops between two instructions, and its wire is silent with its carrier up. */
  freeze(amphora: LabAmphora): Promise<LabObservation>;
  /** The amphora gets so many times what its keepalived and its checks are measured to need before. */
  starve(amphora: LabAmphora, times: number): Promise<LabObservation>;
  /** The switch loses every advertisement between the amphorae. */
  loseAdvertisements(): Promise<LabObservation>;
  /** Those of one amphora are lost: it hears the other, and is not heard. */
  loseAdvertisementsFrom(amphora: LabAmphora): Promise<LabObservation>;
  /** So many in a hundred are lost, at random. */
  loseSomeAdvertisements(percent: number): Promise<LabObservation>;
  /** The switch loses the VIP's announcements by this amphora. */
  loseAnnouncementsOf(amphora: LabAmphora): Promise<LabObservation>;
  /** The switch loses what HAProxy's peers tell each other. */
  losePeers(): Promise<LabObservation>;
  /** Nothing passes between the amphorae; clients and members reach both. */
  partition(): Promise<LabObservation>;
  /** A host that is no amphora takes the VIP as its address. */
  claimVip(): Promise<LabObservation>;
  loseMember(member: string): Promise<LabObservation>;
  /** What it sends leaves so many ms later. */
  delay(amphora: LabAmphora, delayMs: number): Promise<LabObservation>;
}

export function faultsOf(world: World): Faults {
  const { lab } = world;
  const { fabric } = lab;
  const { driver } = lab.parts;
  const vip = lab.deployment.vip.ip_address;
  const asked = (name: string, { instance }: LabAmphora, act: () => Promise<unknown>) =>
    inject(world, () => done('fault', name, instance.name, 'through its agent', act));
  return {
    powerOff: (amphora) => inject(world, { steps: (at) => powerOff(at, amphora) }),
    killInstance: (amphora) => inject(world, { steps: (at) => killInstance(at, amphora) }),
    cutPort: (amphora) => inject(world, { steps: (at) => cutPort(at, amphora) }),
    flapPort: (amphora, times) => inject(world, { steps: (at) => flapPort(at, amphora, times) }),
    interfaceDown: (amphora) => inject(world, { steps: (at) => interfaceDown(at, amphora) }),
    kill: (process, amphora) => inject(world, { steps: (at) => signalProcess(at, amphora, process, 'KILL') }),
    hang: (process, amphora) => inject(world, { steps: (at) => signalProcess(at, amphora, process, 'STOP') }),
    stopService: (service, amphora) => inject(world, { steps: (at) => stopService(at, amphora, service) }),
    stopKeepalived: (amphora) => asked('keepalived stopped', amphora, () => driver.vrrp(amphora, 'stop')),
    stopHaproxy: (amphora) =>
      asked('HAProxy stopped', amphora, () =>
        driver.haproxy(amphora, lab.deployment.loadBalancer.id, 'stop'),
      ),
    reboot: (amphora) =>
      inject(world, () =>
        done('fault', 'machine rebooted', amphora.instance.name, 'in order', () =>
          lab.reboot(amphora, 'orderly'),
        ),
      ),
    freeze: (amphora) => inject(world, { steps: (at) => freeze(at, lab, amphora) }),
    starve: async (amphora, times) => {
      const need = await keepalivedNeed(lab, amphora);
      return inject(world, () => starve(lab, amphora, times, need));
    },
    loseAdvertisements: () => inject(world, { steps: (at) => drop(at, { kind: 'advertisements' }) }),
    loseAdvertisementsFrom: (from) =>
      inject(world, { steps: (at) => drop(at, { kind: 'advertisements', from }) }),
    loseSomeAdvertisements: (percent) =>
      inject(world, { steps: (at) => drop(at, { kind: 'advertisements', percent }) }),
    loseAnnouncementsOf: (from) =>
      inject(world, { steps: (at) => drop(at, { kind: 'announcements', from, address: vip }) }),
    losePeers: () => inject(world, { steps: (at) => drop(at, { kind: 'peers', port: PEERS_PORT }) }),
    partition: () => inject(world, { steps: (at) => drop(at, { kind: 'all between amphorae' }) }),
    claimVip: () => inject(world, () => claimAddress(fabric, vip)),
    loseMember: (member) => inject(world, { steps: (at) => loseMember(at, member) }),
    delay: (amphora, delayMs) => inject(world, () => delay(fabric, amphora, delayMs)),
  };
}
