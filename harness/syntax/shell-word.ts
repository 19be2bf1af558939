/** Text as one word of a shell (POSIX, Shell Command Language, section 2.2.2). */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
