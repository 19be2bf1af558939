import { fileAt } from '../configuration/overlay.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'enable_script_security needs a user that is not named.',

  check: ({ nodes }) =>
    nodes.flatMap(({ overlay, vrrp: { scripts, scriptSecurity, scriptUser } }) => {
      if (!scriptSecurity || scriptUser !== undefined) return [];
      if (/^keepalived_script:/m.test(fileAt(overlay, '/etc/passwd')?.text ?? '')) return [];
      return scripts
        .filter(({ user }) => user === undefined)
        .map(({ name, command: { file, line } }) => ({
          ...{ file, line },
          message: `${name} has no user, and enable_script_security asks for one: where the user keepalived_script does not exist, keepalived drops the check.`,
          advice: 'Name script_user in global_defs, or create the system user keepalived_script.',
        }));
    }),
});
