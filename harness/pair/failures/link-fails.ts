import { nodeOf } from '../configuration/pair.ts';
import { weightsOf } from '../configuration/priorities.ts';
import type { Instance, Tracked, VirtualAddress } from '../configuration/vrrp.ts';
import { byFault, byWeight } from './haproxy-fails.ts';
import type { Notice } from './noticing.ts';
import { FOR_EVER, NONE, type Predicted, type Situation, type Verdict } from './prediction.ts';

/** The interfaces that an instance tracks beside its own and beside that of its address. */
export function otherInterfaces(instance: Instance): readonly Tracked[] {
  const carrier = carrierOf(instance)?.device;
  return instance.tracked.filter(
    ({ kind, name }) => kind === 'interface' && name !== instance.interface?.value && name !== carrier,
  );
}

/** The address that clients ask, where it is on another interface than VRRP. */
export function carrierOf({
  addresses: [first],
  interface: own,
  vmac,
}: Instance): VirtualAddress | undefined {
  const isApart = first?.device !== undefined && ![own?.value, vmac?.interface].includes(first.device);
  return isApart ? first : undefined;
}

/**
 * The cable of the interface that carries the address is pulled, and VRRP is spoken on another: keepalived watches it,
 * unless `no_track` stands behind the address (keepalived.conf(5), virtual_ipaddress).
 *
 * @returns undefined where VRRP is spoken on the same interface
 */
export function carrierFails(situation: Situation, successor: Instance): Verdict | undefined {
  const { holder } = situation;
  const carrier = carrierOf(holder);
  if (!carrier) return undefined;
  const { device = '', file, line } = carrier;
  const tracked = holder.tracked.find(({ kind, name }) => kind === 'interface' && name === device);
  if (tracked) {
    const {
      event: _,
      target: __,
      instance: ___,
      interface: ____,
      ...verdict
    } = predictLink(situation, successor, tracked);
    return verdict;
  }
  if (carrier.untracked)
    return {
      ...{ file, line, moves: false, holder: holder.node, outage: FOR_EVER },
      because: `${device} carries the address, nothing watches it, and VRRP goes on over ${holder.interface?.value ?? 'another interface'}.`,
      advice: `Remove no_track, or add ${device} to track_interface.`,
    };
  const notice: Notice = {
    ...{ name: device, file, line, does: 'notices', after: NONE },
    because: 'carries the address, and is watched',
  };
  const { because, after } = byFault(situation, successor, notice);
  return { file, line, because, moves: true, holder: successor.node, outage: after };
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
