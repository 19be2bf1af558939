import { nodeOf } from '../configuration/pair.ts';
import { weightsOf } from '../configuration/priorities.ts';
import type { Instance, Tracked } from '../configuration/vrrp.ts';
import { byFault, byWeight } from './haproxy-fails.ts';
import type { Notice } from './noticing.ts';
import { FOR_EVER, NONE, type Predicted, type Situation } from './prediction.ts';

/** The interfaces that an instance tracks beside its own. */
export function otherInterfaces({ tracked, interface: own }: Instance): readonly Tracked[] {
  return tracked.filter(({ kind, name }) => kind === 'interface' && name !== own?.value);
}

/** The cable of a tracked interface is pulled on the holder, while VRRP still passes. */
export function predictLink(situation: Situation, successor: Instance, tracked: Tracked): Predicted {
  const { pair, holder } = situation;
  const weight = weightsOf(nodeOf(pair, holder), holder).find(
    ({ kind, name }) => kind === 'interface' && name === tracked.name,
  );
  const notice: Notice = {
    ...{ name: tracked.name, file: tracked.file, line: tracked.line, does: 'notices', after: NONE },
    because: 'is tracked',
    ...(weight && { weight }),
  };
  const [way] = weight ? byWeight(situation, [notice]) : [byFault(situation, successor, notice)];
  const servesHere = holder.addresses.some(
    ({ device }) => (device ?? holder.interface?.value) === tracked.name,
  );
  const about = {
    ...{ event: 'link-down' as const, target: holder.node },
    ...{ instance: holder.name, interface: tracked.name },
  };
  if (!way)
    return {
      ...{ ...about, file: notice.file, line: notice.line, moves: false, holder: holder.node },
      outage: servesHere ? FOR_EVER : NONE,
      because: `${tracked.name} has a weight that does not lower the priority below that of another node.`,
      ...(servesHere && {
        advice: 'Track it without a weight: the instance then goes into the fault state.',
      }),
    };
  const { file, line, because, after } = way;
  // With a weight the old holder serves on until the other takes over, where clients do not come by this cable.
  const outage = weight && !servesHere ? NONE : after;
  return { ...{ ...about, file, line, because, outage }, moves: true, holder: way.successor.node };
}
