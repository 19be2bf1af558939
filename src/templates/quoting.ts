/**
 * What a user may put into a configuration file must stay one word of one line there. Line ends, control
 * characters and empty values are refused where they come in (domain/api/schema.ts); here the rest is written
 * so that the program reads back what was meant.
 */

/**
 * One word of HAProxy's configuration (its configuration manual, section 2.2, "Quoting and escaping").
 * A tab is written as `\t`: HAProxy does not take a backslash before the character itself.
 */
export function haproxyWord(text: string): string {
  return text.replace(/[\\ "'#]/g, '\\$&').replaceAll('\t', '\\t');
}

/**
 * A pattern of an ACL: what begins with a dash would be a flag (section 7.1, "ACL basics"). A value that has blanks
 * stands in quotation marks in the API, and HAProxy takes them off (octavia/common/constants.py,
 * HTTP_QUOTED_HEADER_VALUE_REGEX): they are not part of the pattern.
 */
export function haproxyPattern(text: string): string {
  const quoted = /^"([^"]*)"$/.exec(text)?.[1];
  // Variables are replaced between quotation marks, and only there (section 2.3).
  const word = quoted ? `"${quoted.replace(/[\\ $]/g, '\\$&')}"` : haproxyWord(text);
  return (quoted || text).startsWith('-') ? `-- ${word}` : word;
}

/**
 * A path in keepalived's configuration (keepalived.conf(5)): `!` and `#` begin comments anywhere, `$` and `~`
 * definitions and sequences. They are written as a URI may write every character (RFC 3986, section 2.1).
 */
export function keepalivedPath(path: string): string {
  return path.replace(
    /[!#$~'"{}@]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
