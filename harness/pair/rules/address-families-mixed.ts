import { each, within } from '../../syntax/statement.ts';
import { rule } from '../rule.ts';

const familyOf = (address = '') => (address.includes(':') ? 'IPv6' : 'IPv4');

export default rule({
  severity: 'error',
  title: 'An instance announces IPv4 and IPv6 addresses.',

  check: ({ nodes }) =>
    nodes.flatMap(({ statements }) =>
      each(statements, 'vrrp_instance').flatMap(({ words: [, name = ''], block }) => {
        const addresses = within(block, 'virtual_ipaddress');
        const family = familyOf(addresses[0]?.words[0]);
        return addresses
          .filter(({ words: [address] }) => familyOf(address) !== family)
          .map(({ words: [address = ''], file, line }) => ({
            ...{ file, line },
            message: `${name} speaks VRRP over ${family}, as its first address says: keepalived leaves ${address} out.`,
            advice: `Give ${familyOf(address)} an instance of its own, in a sync group with ${name}; or move ${address} into virtual_ipaddress_excluded.`,
          }));
      }),
    ),
});
