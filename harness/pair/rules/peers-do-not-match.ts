import { sharedRouters, shown, type VirtualRouter } from '../configuration/pair.ts';
import type { Found } from '../rule.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'The lists of unicast peers do not match.',

  check: (pair) =>
    sharedRouters(pair).flatMap((router) => [
      ...mixed(router),
      ...sameSource(router),
      ...unlisted(router),
      ...alike(router),
    ]),
});

/** Unicast on some nodes only. */
function mixed(router: VirtualRouter): readonly Found[] {
  const unicast = router.filter(({ peers }) => peers.length > 0);
  if (unicast.length === 0) return [];
  return router
    .filter(({ peers }) => peers.length === 0)
    .map((instance) => ({
      ...{ file: instance.file, line: instance.line },
      message: `${shown(instance)} has no unicast_peer, and ${unicast.map(shown).join(' and ')} has: multicast and unicast do not hear each other, and both become master.`,
      advice: 'Write unicast_src_ip and unicast_peer on all nodes, or on none.',
    }));
}

/** Two nodes say that they send from the same address. */
function sameSource(router: VirtualRouter): readonly Found[] {
  return router.flatMap((instance, n) => {
    const { source, peers } = instance;
    const twin = router.slice(0, n).find((other) => source && other.source?.value === source.value);
    if (!source || !twin || peers.length === 0) return [];
    return [
      {
        ...{ file: source.file, line: source.line },
        message: `${shown(instance)} sends from ${source.value}, and so does ${shown(twin)}: only one of them has this address.`,
        advice: `Write the address of ${instance.node} into its unicast_src_ip.`,
      },
    ];
  });
}

/** A node's own address is not among another's peers. */
function unlisted(router: VirtualRouter): readonly Found[] {
  return router.flatMap((instance) =>
    router
      .filter(({ node }) => node !== instance.node)
      .flatMap(({ node, source }) => {
        const [first] = instance.peers;
        if (!source || !first || source.value === instance.source?.value) return [];
        if (instance.peers.some(({ value }) => value === source.value)) return [];
        return [
          {
            ...{ file: first.file, line: first.line },
            message: `${shown(instance)} does not have ${source.value}, the address of ${node}, among its peers: ${node} hears nothing from it, and becomes master beside it.`,
            advice: `Add ${source.value} to unicast_peer.`,
          },
        ];
      }),
  );
}

/** Both nodes of a pair have the same only peer: one of them names itself. */
function alike(router: VirtualRouter): readonly Found[] {
  const [one, other] = router;
  const [peer] = other?.peers ?? [];
  if (!one || !other || !peer || router.some(({ peers, source }) => peers.length !== 1 || source)) return [];
  if (one.peers[0]?.value !== peer.value) return [];
  return [
    {
      ...{ file: peer.file, line: peer.line },
      message: `${shown(one)} and ${shown(other)} both have ${peer.value} as their only peer: one of them sends to itself.`,
      advice: "Write the other node's address into each unicast_peer.",
    },
  ];
}
