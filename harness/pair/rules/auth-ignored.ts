import { rule } from '../rule.ts';

export default rule({
  severity: 'advice',
  title: 'Authentication is ignored under VRRP 3 and in strict mode.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances
        .filter(({ authType, version, strict }) => authType.written && (version.value === 3 || strict))
        .map(({ name, authType: { file, line }, version }) => ({
          ...{ file, line },
          message: `keepalived ignores the authentication of ${name}: ${version.value === 3 ? 'VRRP 3 has none' : 'vrrp_strict forbids it'}.`,
          advice: 'Remove the block, so that nobody relies on it.',
        })),
    ),
});
