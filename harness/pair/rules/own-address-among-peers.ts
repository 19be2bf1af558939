import { shown } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A node has its own address among its unicast peers.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances.flatMap((instance) =>
        instance.peers
          .filter(({ value }) => value === instance.source?.value)
          .map(({ value, file, line }) => ({
            ...{ file, line },
            message: `${shown(instance)} has its own address ${value} among its peers: it hears its own advertisements.`,
            advice: `Remove ${value} from unicast_peer of ${instance.node}.`,
          })),
      ),
    ),
});
