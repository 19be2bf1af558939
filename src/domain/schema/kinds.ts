import { type Kind, note, oneOf, orEmpty, text, uuid, whole } from './field.ts';
import { isDomainName, isUrl, isUrlPath } from './http-text.ts';
import { isAddress, networkFrom } from './network-text.ts';

/** Kinds of values that several objects have; bounds are upstream's, or those of its database's columns. */

const LARGEST_INTEGER = 2_147_483_647;

export const name = note(255);
export const port = whole(1, 65_535);
export const address = text(isAddress, 'must be an IP address');
export const network: Kind<string> = {
  allowed: 'must be an address or a network, e.g. 192.0.2.0/24',
  read: (found) => (typeof found === 'string' ? networkFrom(found) : undefined),
};
/** 24 days: HAProxy's timers end soon after. */
export const timeoutMs = whole(0, 24 * 24 * 3600 * 1000);
export const seconds = whole(0, LARGEST_INTEGER);
export const count = whole(1, 10);
export const connectionLimit = whole(-1, LARGEST_INTEGER);
export const url = text(
  isUrl,
  'must be one word of at most 255 characters, a URL that begins with http:// or https://',
);
export const urlPath = text(
  isUrlPath,
  'must be one word of at most 2048 characters, a path that begins with /',
);
/** Names of headers, cookies and fields: a token (RFC 9110, section 5.6.2) without what HAProxy quotes by. */
export const token = text(
  /^[A-Za-z0-9!$%&*+.^_`|~-]{1,255}$/,
  'must be a name without blanks, quotes and brackets',
);
export const ciphers = orEmpty(
  text(/^[A-Za-z0-9.:!+@=_-]{1,2048}$/, 'must be an OpenSSL cipher string without blanks'),
);
export const tlsVersion = oneOf('SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3');
export const alpnProtocol = oneOf('h2', 'http/1.1', 'http/1.0');
/** What a key manager holds: `file:PATH`, or whatever the controller's certificate manager knows. */
export const reference = orEmpty(text(/^\P{Cc}{1,255}$/u, 'must be a reference of at most 255 characters'));
export const id = uuid;
export const idOrNothing = orEmpty(uuid);
export const domainName = text(isDomainName, 'must be a domain name');
export const expectedCodes = text(
  /^(\d{3}(\s*,\s*\d{3})*|\d{3}-\d{3})$/,
  'must be a code, a list or a range, e.g. 200,202 or 200-204',
);
/** Python's 1.0 is 1 in JSON that JavaScript reads. */
export const httpVersion: Kind<1 | 1.1> = {
  ...oneOf(1, 1.1),
  allowed: 'must be one of 1.0, 1.1',
};
export const line = text(/^(\P{Cc}|\t){1,255}$/u, 'must be one line of 1 to 255 characters');
export const priority = whole(1, 255);
export const position = whole(1, LARGEST_INTEGER);
/** HTTP Strict Transport Security's, in seconds. */
export const maxAge = whole(0, LARGEST_INTEGER);
export const weight = whole(0, 256);
/** The id of a project, as log lines have it too. */
export const project = orEmpty(text(/^[A-Za-z0-9._-]{1,36}$/, 'must be one word of at most 36 characters'));
