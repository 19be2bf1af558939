import type { Instance } from '../configuration/vrrp.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'Two instances on one interface have the same virtual_router_id.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp: { instances } }) =>
      instances.flatMap((instance, n) => {
        const twin = instances.slice(0, n).find((other) => sameSocket(instance, other));
        if (!twin) return [];
        const { file, line, value } = instance.routerId;
        return [
          {
            ...{ file, line },
            message: `${instance.name} and ${twin.name} both have virtual_router_id ${value} on ${instance.interface?.value ?? 'the default interface'}: each takes the other's advertisements for its own.`,
            advice: 'Give each instance a virtual_router_id of its own, from 1 to 255.',
          },
        ];
      }),
    ),
});

/** Unicast instances with different peers, and multicast ones with different groups, do not meet (keepalived.conf(5)). */
function sameSocket(one: Instance, other: Instance): boolean {
  if (one.routerId.value !== other.routerId.value || one.interface?.value !== other.interface?.value)
    return false;
  if (one.family !== other.family || one.multicastAddress !== other.multicastAddress) return false;
  if (one.peers.length === 0 || other.peers.length === 0) return one.peers.length === other.peers.length;
  return one.peers.some(({ value }) => other.peers.some((its) => its.value === value));
}
