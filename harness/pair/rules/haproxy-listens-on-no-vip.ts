import { bindsOf } from '../configuration/binds.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'HAProxy listens on none of the virtual addresses.',

  check: ({ nodes }) =>
    nodes.flatMap((node) => {
      const addresses = node.vrrp.instances.flatMap((instance) =>
        instance.addresses.map(({ address }) => address),
      );
      const binds = bindsOf(node);
      const [first] = binds;
      if (!first || addresses.length === 0) return [];
      if (binds.some(({ address }) => address === '' || addresses.includes(address))) return [];
      return [
        {
          ...{ file: first.file, line: first.line },
          message: `HAProxy on ${node.name} listens on ${[...new Set(binds.map(({ address }) => address))].join(', ')}, and on none of the virtual addresses ${addresses.join(', ')}: clients of the VIP are refused.`,
          advice: `Bind ${addresses[0]}, or *.`,
        },
      ];
    }),
});
