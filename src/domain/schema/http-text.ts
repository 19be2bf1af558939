import { isIP } from 'node:net';

/**
 * Texts of HTTP as upstream's validators take them (octavia/common/validate.py and constants.py). All of them end up
 * in configuration files: control characters are refused everywhere.
 */

const BLANK = /[\s\p{Cc}]/u;

/** A URL of http or https with a host; what else stands in it is of no account, so that `${1}` may. */
export function isUrl(found: string): boolean {
  const [, authority] = /^https?:\/\/([^/?#]+)/.exec(found) ?? [];
  if (authority === undefined || found.length > 255 || BLANK.test(found)) return false;
  const host = authority.replace(/^[^@]*@/, '').replace(/:\d*$/, '');
  const [, bracketed] = /^\[(.*)\]$/.exec(host) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  // A registered name (RFC 3986, section 3.2.2).
  return /^([A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/.test(host);
}

/** A path with or without a query, no URL and no `//host`. */
export function isUrlPath(found: string): boolean {
  const [path = ''] = found.split(/[?#]/);
  return /^\/(?!\/)[^[\]]*$/.test(path) && found.length <= 2048 && !BLANK.test(found);
}

const VISIBLE = /^[\x21-\x7e]+$/;

/** A header's value: one word, or anything within quotation marks (RFC 7230, section 3.2.6). */
export function isHeaderValue(found: string): boolean {
  return VISIBLE.test(found) || /^"[\t\x20-\x7e]*"$/.test(found);
}

/** A cookie's value (RFC 6265, section 4.1.1), and what upstream takes beyond. */
export function isCookieValue(found: string): boolean {
  return VISIBLE.test(found) && !/["\\;]/.test(found);
}

/** Labels of letters, digits, dashes and leading underscores (constants.py, DOMAIN_NAME_REGEX). */
export function isDomainName(found: string): boolean {
  return /^(?=.{1,253}\.?$)(?:(?!-|[^.]+_)[A-Za-z0-9_-]{1,63}(?<!-)(?:\.|$))+$/.test(found);
}
