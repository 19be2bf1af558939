import { ownAddresses } from '../configuration/own-addresses.ts';
import { OWNER_PRIORITY } from '../configuration/vrrp.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A virtual address is also the own address of a node.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances
        .filter(({ priority }) => priority.value !== OWNER_PRIORITY)
        .flatMap((instance) =>
          instance.addresses.flatMap(({ address, file, line }) => {
            const owner = nodes.find((other) => ownAddresses(other).some((own) => own.address === address));
            const [because] = owner ? ownAddresses(owner).filter((own) => own.address === address) : [];
            if (!owner || !because) return [];
            return [
              {
                ...{ file, line },
                message: `${instance.name} brings ${address}, which ${owner.name} has as its own address (${because.because.file}:${because.because.line}): keepalived removes it there when it starts.`,
                advice: 'Give the VIP an address that no machine has.',
              },
            ];
          }),
        ),
    ),
});
