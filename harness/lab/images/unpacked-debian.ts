import { execa } from 'execa';
import { programPath } from '../engine/private-engine.ts';

const LIMIT_MS = 15 * 60_000;
/** Debian's packages want /bin and its kin to be links, which the package base-files makes when it is installed. */
const MERGED_USR =
  '--setup-hook=for name in bin sbin lib lib64; do mkdir -p "$1/usr/$name"; ln -s "usr/$name" "$1/$name"; done';

/** Debian's packages could not be had, or what was to run among them failed; the message says which. */
export class NotUnpacked extends Error {
  override readonly name = 'NotUnpacked';
}

/**
 * Unpacks packages of a Debian release and what they depend on, and installs none of them: nothing in there is
 * started.
 *
 * @param into a folder, or `/dev/null`: what is there is then gone after the hooks
 * @param hooks shell commands that run while it is there; "$1" is its root
 * @throws NotUnpacked
 */
export async function unpackDebian({
  release,
  packages,
  into,
  hooks = [],
}: {
  readonly release: string;
  readonly packages: readonly string[];
  readonly into: string;
  readonly hooks?: readonly string[];
}): Promise<void> {
  if (!programPath('mmdebstrap'))
    throw new NotUnpacked("Debian's packages are unpacked by mmdebstrap: install it.");
  const all = ['ca-certificates', 'python3-minimal', ...packages];
  const authorities =
    'mkdir -p "$1/tmp" "$1/etc/ssl/certs"; cat "$1"/usr/share/ca-certificates/mozilla/*.crt > "$1/etc/ssl/certs/ca-certificates.crt"';
  const args = [
    ...['--variant=extract', `--include=${all.join(',')}`, MERGED_USR],
    ...[authorities, ...hooks].map((hook) => `--extract-hook=${hook}`),
    ...[release, into],
  ];
  const result = await execa('mmdebstrap', args, {
    stdin: 'ignore',
    all: true,
    reject: false,
    timeout: LIMIT_MS,
  });
  if (result.failed) {
    const said = result.all.split('\n').filter((line) => /^E:|^[\w.]*Error/.test(line));
    throw new NotUnpacked(said.join(' ') || result.shortMessage);
  }
}
