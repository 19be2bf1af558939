import { commonPeers, type Pair, shown, virtualRouters } from '../configuration/pair.ts';
import { type Found, rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'A node has its own address among its unicast peers.',

  check: (pair) => [...sources(pair), ...lists(pair)],
});

function sources({ nodes }: Pair): readonly Found[] {
  return nodes.flatMap(({ vrrp }) =>
    vrrp.instances.flatMap((instance) =>
      instance.peers
        .filter(({ value }) => value === instance.source?.value)
        .map(({ value, file, line }) => ({
          ...{ file, line },
          message: `${shown(instance)} has its own address ${value} among its peers: it hears its own advertisements, and logs a warning for each.`,
          advice: `Remove ${value} from unicast_peer of ${instance.node}.`,
        })),
    ),
  );
}

/** No address is written as a node's own, but all have one list. */
function lists(pair: Pair): readonly Found[] {
  return virtualRouters(pair)
    .filter((router) => commonPeers(router))
    .flat()
    .flatMap((instance) => {
      const [first] = instance.peers;
      if (!first) return [];
      return [
        {
          ...{ file: first.file, line: first.line },
          message: `All nodes have the same peers as ${shown(instance)}, so that each has its own address among them: it hears its own advertisements, and logs a warning for each.`,
          advice: `Leave the address of ${instance.node} out of its unicast_peer, and write it as unicast_src_ip.`,
        },
      ];
    });
}
