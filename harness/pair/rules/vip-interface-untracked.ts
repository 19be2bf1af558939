import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'A virtual address is on an interface that nothing watches.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances.flatMap((instance) =>
        instance.addresses
          .filter(({ untracked }) => untracked)
          .filter(
            ({ device }) => device !== undefined && device !== 'lo' && device !== instance.interface?.value,
          )
          .filter(
            ({ device }) =>
              !instance.tracked.some(({ kind, name }) => kind === 'interface' && name === device),
          )
          .map(({ address, device, file, line }) => ({
            ...{ file, line },
            message: `${instance.name} brings ${address} on ${device}, and speaks VRRP on ${instance.interface?.value ?? 'another interface'}: when ${device} fails, the VIP stays where nobody reaches it.`,
            advice: `Remove no_track, or add ${device} to track_interface.`,
          })),
      ),
    ),
});
