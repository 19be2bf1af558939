import type { Step } from '../lab/fabric/protocol.ts';
import type { LabNode, Service } from '../lab/lab.ts';
import { AMPHORA, PROCESS } from '../vocabulary/argument.ts';
import { type Hand, struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

/** Sends a signal to all processes of a service in an amphora. */
export function signalling({ lab }: Hand, amphora: LabNode, process: Service, signal: string): Step {
  return { argv: lab.inside(amphora, 'pkill', '--signal', signal, ...lab.processesOf(process)) };
}

const resume = heal({
  name: 'resume',
  takes: [PROCESS, AMPHORA],
  says: (process, amphora) => `${process} on ${amphora} continues`,
  async act(hand, process, amphora) {
    const steps = await hand.run(signalling(hand, amphora, process, 'CONT'));
    return struck('heal', `${process} gets SIGCONT`, amphora.instance.name, 'all its processes', steps);
  },
});

const hang = fault({
  name: 'hang',
  takes: [PROCESS, AMPHORA],
  says: (process, amphora) => `${process} on ${amphora} hangs`,
  async act(hand, process, amphora) {
    const steps = await hand.run(signalling(hand, amphora, process, 'STOP'));
    const entry = struck(
      'fault',
      `${process} gets SIGSTOP`,
      amphora.instance.name,
      'all its processes',
      steps,
    );
    return { ...entry, stalls: true };
  },
  heal: resume,
});
export default hang;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** SIGSTOP: the processes live and do nothing. */
    readonly hang: typeof hang;
  }
}
