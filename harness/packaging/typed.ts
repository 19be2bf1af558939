/** Commands as they are typed where the package is installed: `npm run setup -- --check` is `amphora-testbed setup --check`. */
export function asTypedInPackage(text: string): string {
  return text.replaceAll(/npm (?:run (?:-s )?)([a-z]+)(?: --(?=[ `']))?/g, 'amphora-testbed $1');
}
