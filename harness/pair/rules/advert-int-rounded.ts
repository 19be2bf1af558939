import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'The advertisement interval is rounded.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances.flatMap(({ name, version, advertIntMs: { value, file, line } }) => {
        // Whole seconds under version 2, hundredths under version 3 (RFC 3768 and RFC 5798, section 5.3).
        const unitMs = version.value === 3 ? 10 : 1000;
        if (value % unitMs === 0) return [];
        const roundedMs = Math.max(unitMs, Math.round(value / unitMs) * unitMs);
        return [
          {
            ...{ file, line },
            message: `advert_int of ${name} is ${value / 1000} s, and VRRP ${version.value} makes it ${roundedMs / 1000} s.`,
            advice:
              version.value === 3
                ? 'Write a multiple of 0.01.'
                : 'Write whole seconds, or vrrp_version 3 in global_defs of all nodes.',
          },
        ];
      }),
    ),
});
