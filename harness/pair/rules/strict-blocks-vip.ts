import { OWNER_PRIORITY } from '../configuration/vrrp.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'vrrp_strict drops what clients send to the virtual address.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances.flatMap(({ name, strict, accepts, priority }) =>
        strict && !accepts && priority.value !== OWNER_PRIORITY
          ? [
              {
                ...{ file: strict.file, line: strict.line },
                message: `vrrp_strict makes keepalived drop every packet to the addresses of ${name}: clients reach nothing on the VIP.`,
                advice: 'Remove vrrp_strict, or write accept into the instance.',
              },
            ]
          : [],
      ),
    ),
});
