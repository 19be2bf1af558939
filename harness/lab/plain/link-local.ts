/** fe80::/10 (RFC 4291, section 2.5.6). */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
