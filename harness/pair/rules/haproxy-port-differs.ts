import { bindsOf } from '../configuration/binds.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'HAProxy listens on a port on one node only.',

  check: ({ nodes }) => {
    const proxies = nodes
      .filter(({ haproxy }) => haproxy)
      .map((node) => ({ name: node.name, binds: bindsOf(node) }));
    return proxies.flatMap(({ name, binds }) =>
      binds.flatMap(({ port, section, file, line }) => {
        const without = proxies.find(
          (other) => other.binds.length > 0 && other.binds.every((its) => its.port !== port),
        );
        if (!without) return [];
        return [
          {
            ...{ file, line },
            message: `${section} listens on port ${port} on ${name}, and nothing does on ${without.name}: after a failover clients are refused.`,
            advice: 'Give all nodes the same frontends.',
          },
        ];
      }),
    );
  },
});
