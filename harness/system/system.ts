import { statSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { UsageError } from '../usage-error.ts';

/** Debian's releases that images are made of. */
export const RELEASES = ['bookworm', 'trixie', 'sid'] as const;
export type Release = (typeof RELEASES)[number];

/** The releases whose Octavia is tested as Debian packages it. */
const OCTAVIA_RELEASES = ['bookworm', 'trixie'] as const satisfies readonly Release[];
/** Their major versions of Octavia, which name them as well. */
const OCTAVIA_VERSIONS: Readonly<Record<string, Release>> = { 11: 'bookworm', 16: 'trixie' };
/** What a git tree of Octavia is laid over where no release is given. */
const CHECKOUT_RELEASE = 'trixie' satisfies Release;

/** Programs that can be given as a package, a binary or a source tree. */
export const PROGRAMS = ['keepalived', 'haproxy'] as const;
export type Program = (typeof PROGRAMS)[number];

/** Texts that can be given in place of rendered ones. */
export const TEXTS = ['keepalived.conf', 'haproxy.cfg'] as const;
export type TextName = (typeof TEXTS)[number];

/** Whose agent, driver and templates are tested: the testbed's, Debian's Octavia, or a git tree laid over that. */
export type Octavia =
  | { readonly kind: 'own' }
  | { readonly kind: 'debian' }
  | { readonly kind: 'checkout'; readonly path: string; readonly ref?: string };

/** The system under test as the user names it; paths are absolute. */
export interface System {
  readonly octavia: Octavia;
  /** Whose packages the amphora has; undefined for those of the testbed's own image. */
  readonly release?: Release;
  /** A .deb, a binary or a source tree. */
  readonly builds: Readonly<Partial<Record<Program, string>>>;
  /** Files that replace what is rendered. */
  readonly texts: Readonly<Partial<Record<TextName, string>>>;
  /** The folder of a pair of configurations, in the place of amphorae. */
  readonly pair?: string;
  /** An amphora image that the engine has. */
  readonly image?: string;
  /** A commit, branch or tag of this repository. */
  readonly ref?: string | undefined;
}

/** The testbed's own agent and templates, with the packages of its own image. */
export const OWN_SYSTEM: System = { octavia: { kind: 'own' }, builds: {}, texts: {} };

/** The systems that have a name and need no file of the user. */
export const NAMED_SYSTEMS: readonly Pick<System, 'octavia' | 'release'>[] = [
  ...RELEASES.map((release) => ({ octavia: { kind: 'own' } as const, release })),
  ...OCTAVIA_RELEASES.map((release) => ({ octavia: { kind: 'debian' } as const, release })),
];

/** What `--with` takes. */
export const SYSTEM_KEYS = ['octavia', 'release', ...PROGRAMS, ...TEXTS, 'pair', 'image', 'ref'] as const;
type SystemKey = (typeof SYSTEM_KEYS)[number];
type Given = ReadonlyMap<SystemKey, string>;

/** An image is whole: nothing is built into it. */
const BESIDE_IMAGE: readonly SystemKey[] = ['image', ...TEXTS];
/** A pair has no amphorae: nothing is rendered for them. */
const BESIDE_PAIR: readonly SystemKey[] = ['pair', 'release', ...PROGRAMS, 'ref'];

/**
 * Reads `octavia=trixie`, `keepalived=./keepalived_2.3.4-1_amd64.deb` and so on.
 *
 * @param flag the flag that an error names
 * @param pairs `key=value`; one may hold several, with commas between
 * @param absolute what a path of the user means
 * @throws UsageError
 */
export function parseSystem(
  flag: string,
  pairs: readonly string[],
  absolute: (path: string) => string,
): System {
  const given = new Map<SystemKey, string>();
  for (const pair of pairs.flatMap((text) => text.split(','))) {
    const [name = '', value] = pair.split(/=(.*)/s);
    const key = SYSTEM_KEYS.find((each) => each === name);
    if (!value) throw new UsageError(`${flag} takes key=value, such as octavia=trixie; found "${pair}".`);
    if (!key) {
      throw new UsageError(
        `${flag}: there is no "${name}"; the nearest is ${closest(name, SYSTEM_KEYS)}, and there are ${SYSTEM_KEYS.join(', ')}.`,
      );
    }
    if (given.has(key)) throw new UsageError(`${flag}: ${key} is given twice; give it once.`);
    given.set(key, value);
  }
  refuseBesideImage(flag, given);
  const [image, ref] = [given.get('image'), given.get('ref')];
  const pair = pairOf(flag, given, absolute);
  return {
    ...octaviaOf(flag, given, absolute),
    builds: pathsOf(flag, PROGRAMS, given, absolute),
    texts: pathsOf(flag, TEXTS, given, absolute),
    ...(pair !== undefined && { pair }),
    ...(image !== undefined && { image }),
    ...(ref !== undefined && { ref }),
  };
}

function refuseBesideImage(flag: string, given: Given): void {
  const other = given.has('image') && [...given.keys()].find((key) => !BESIDE_IMAGE.includes(key));
  if (other) {
    throw new UsageError(
      `${flag}: image cannot be combined with ${other}, as an image is taken as it is; only ${TEXTS.join(' and ')} can stand beside it.`,
    );
  }
}

/** @throws UsageError where it is no folder with nodes, or stands beside what only amphorae have */
function pairOf(flag: string, given: Given, absolute: (path: string) => string): string | undefined {
  const path = given.get('pair');
  if (path === undefined) return undefined;
  const other = [...given.keys()].find((key) => !BESIDE_PAIR.includes(key));
  if (other) {
    throw new UsageError(
      `${flag}: pair cannot be combined with ${other}, as a pair has its own configurations and no amphorae; release, keepalived and haproxy can stand beside it.`,
    );
  }
  const folder = absolute(path);
  if (!isThere(folder))
    throw new UsageError(`${flag}: pair takes the folder of a pair; there is nothing at "${path}".`);
  const missing = ['a', 'b'].find((node) => !isThere(join(folder, node)));
  if (missing !== undefined) {
    throw new UsageError(
      `${flag}: pair takes a folder with the folders a and b, one for each machine; "${path}" has no ${missing}.`,
    );
  }
  return folder;
}

function octaviaOf(
  flag: string,
  given: Given,
  absolute: (path: string) => string,
): Pick<System, 'octavia' | 'release'> {
  const release = oneOf(flag, 'release', RELEASES, given.get('release'));
  const named = given.get('octavia') ?? 'own';
  const text = OCTAVIA_VERSIONS[named] ?? named;
  if (text.includes('/')) {
    const [, path = '', ref] = /^(.*?)(?:@([^@]+))?$/s.exec(text) ?? [];
    const folder = absolute(path);
    if (!isThere(join(folder, '.git')) || !isThere(join(folder, 'octavia'))) {
      throw new UsageError(`${flag}: octavia takes a git checkout of Octavia; there is none at "${path}".`);
    }
    return {
      octavia: { kind: 'checkout', path: folder, ...(ref !== undefined && { ref }) },
      release: release ?? CHECKOUT_RELEASE,
    };
  }
  const packaged = oneOf(
    flag,
    'octavia',
    ['own', ...OCTAVIA_RELEASES],
    text,
    ' (11 and 16 name these two as well), or a folder, such as ./octavia',
  );
  if (packaged === 'own' || packaged === undefined) {
    return { octavia: { kind: 'own' }, ...(release !== undefined && { release }) };
  }
  if (release !== undefined && release !== packaged) {
    throw new UsageError(
      `${flag}: octavia=${packaged} cannot be combined with release=${release}, as the packages of ${packaged} need their own release; leave release out.`,
    );
  }
  return { octavia: { kind: 'debian' }, release: packaged };
}

/** @throws UsageError where it is none of them */
function oneOf<T extends string>(
  flag: string,
  key: SystemKey,
  allowed: readonly T[],
  text: string | undefined,
  orElse = '',
): T | undefined {
  const known = allowed.find((each) => each === text);
  if (known !== undefined || text === undefined) return known;
  throw new UsageError(
    `${flag}: ${key} takes ${allowed.join(', ')}${orElse}; found "${text}", the nearest is ${closest(text, allowed)}.`,
  );
}

function pathsOf<K extends Program | TextName>(
  flag: string,
  keys: readonly K[],
  given: Given,
  absolute: (path: string) => string,
): Readonly<Partial<Record<K, string>>> {
  const paths: Partial<Record<K, string>> = {};
  for (const key of keys) {
    const path = given.get(key);
    if (path === undefined) continue;
    if (!isThere(absolute(path))) {
      throw new UsageError(`${flag}: ${key} takes a path; there is nothing at "${path}".`);
    }
    paths[key] = absolute(path);
  }
  return paths;
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The pairs that `--with` takes for it, in one order: equal pairs are equal systems. */
export function systemPairs({
  octavia,
  release,
  builds,
  texts,
  pair,
  image,
  ref,
}: System): readonly string[] {
  const values: Partial<Record<SystemKey, string | undefined>> = {
    octavia: octaviaText(octavia, release),
    ...(octavia.kind !== 'debian' && { release }),
    ...builds,
    ...texts,
    pair,
    image,
    ref,
  };
  return SYSTEM_KEYS.flatMap((key) => (values[key] === undefined ? [] : [`${key}=${values[key]}`]));
}

function octaviaText(octavia: Octavia, release: Release | undefined): string | undefined {
  switch (octavia.kind) {
    case 'own':
      return undefined;
    case 'debian':
      return release;
    case 'checkout':
      return octavia.ref === undefined ? octavia.path : `${octavia.path}@${octavia.ref}`;
  }
}
