import ipaddr from 'ipaddr.js';

/** An address in the one spelling that two files share: without prefix, IPv6 shortened; other text as it is. */
export function canonical(written: string): string {
  const [address = ''] = written.split('/');
  return ipaddr.isValid(address) && (address.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(address))
    ? ipaddr.parse(address).toString()
    : address;
}
