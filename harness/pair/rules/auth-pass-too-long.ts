import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'Only 8 characters of auth_pass are used.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances.flatMap(({ name, authPass, version, strict }) =>
        // Version 3 and strict mode have no authentication: auth-ignored says so.
        authPass && authPass.value.length > 8 && version.value === 2 && !strict
          ? [
              {
                ...{ file: authPass.file, line: authPass.line },
                message: `auth_pass of ${name} has ${authPass.value.length} characters, and keepalived uses the first 8.`,
                advice:
                  'Shorten it to 8 characters on all nodes. It is sent in clear text: it protects against mistakes, and not against attackers.',
              },
            ]
          : [],
      ),
    ),
});
