import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'No instance tracks a check.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) => {
      const tracked = vrrp.instances.flatMap((instance) => instance.tracked);
      return vrrp.scripts
        .filter((script) => !tracked.some(({ kind, name }) => kind === 'script' && name === script.name))
        .map(({ name, file, line }) => ({
          ...{ file, line },
          message: `${name} is in no track_script of an instance or of its sync group: keepalived does not run it.`,
          advice: `Name ${name} in track_script inside the vrrp_instance, or remove it.`,
        }));
    }),
});
