import { bindsOf } from '../configuration/binds.ts';
import { rule } from '../rule.ts';

const SYSCTL = /^(etc|usr\/lib|run)\/sysctl(\.d\/[^/]*)?\.conf$/;
const NONLOCAL = /^\s*-?net[./]ipv[46][./]ip_nonlocal_bind\s*=\s*1\s*$/m;

export default rule({
  severity: 'warning',
  title: 'HAProxy binds the virtual address, which only the master has.',

  check: ({ nodes }) =>
    nodes
      .filter(
        ({ overlay }) =>
          ![...overlay.files].some(([path, { text }]) => SYSCTL.test(path) && NONLOCAL.test(text)),
      )
      .flatMap((node) => {
        const addresses = new Set(
          node.vrrp.instances.flatMap((instance) => instance.addresses.map(({ address }) => address)),
        );
        return bindsOf(node)
          .filter(({ address, transparent }) => addresses.has(address) && !transparent)
          .map(({ address, port, section, file, line }) => ({
            ...{ file, line },
            message: `${section} binds ${address}:${port}, and a backup does not have ${address}: HAProxy does not start there, and cannot serve after a failover.`,
            advice:
              'Write net.ipv4.ip_nonlocal_bind = 1 (net.ipv6 for IPv6) into a file in etc/sysctl.d, or add transparent to the bind line.',
          }));
      }),
});
