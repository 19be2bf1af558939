import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Engine } from '../../lab/engine/engine.ts';
import type { Images } from '../../lab/images/images.ts';
import { readFromImage } from '../../lab/images/read-from-image.ts';
import { PROJECT_ROOT } from '../../project.ts';
import { catalogue } from '../../scenario/catalogue.ts';
import { type Machine, machineOf } from '../machine.ts';

/** Where Debian keeps which packages are installed, dpkg(1). */
const PACKAGES_FILE = '/var/lib/dpkg/status';
/** What measures and judges; tests do neither. */
const CODE = ['{src,harness,scenarios,images}/**/*', 'package*.json'];
const LENGTH = 12;

/** What decides a figure: two machines on which all of it is equal test one system in one way. */
export interface Identity {
  /** Checksums and names, by what people call it. Plain data. */
  readonly system: Readonly<Record<string, string>>;
  readonly machine: Machine;
}

/** What this machine would test. */
export async function identityOf(engine: Engine, images: Images): Promise<Identity> {
  const { agent, pair, parts, texts } = images.system;
  const [code, machine, amphora, fabric] = await Promise.all([
    codeDigest(),
    machineOf(engine),
    packagesIn(engine, images.amphora),
    packagesIn(engine, images.fabric),
  ]);
  return {
    system: {
      'the code': code,
      'the image of the amphora': images.amphora,
      'the image of the network': images.fabric,
      'the packages of the amphora': amphora,
      'the packages of the network': fabric,
      'the system': digest(JSON.stringify([agent, pair?.digest, Object.entries(parts).sort(), texts])),
    },
    machine,
  };
}

/** What differs between two of them, in words: `the code`, `kernel 6.1 and 6.18`. */
export function systemDifferences(one: Identity, other: Identity): readonly string[] {
  return differing(one.system, other.system);
}

/** Likewise of the machines. */
export function machineDifferences(one: Machine, other: Machine): readonly string[] {
  const [a, b] = [{ ...one }, { ...other }] as Record<string, unknown>[];
  return differing(a ?? {}, b ?? {}).map((key) => `${key} ${a?.[key]} and ${b?.[key]}`);
}

function differing(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);
}

/**
 * The queue from which a worker takes runs: equal systems on equal machines share one.
 *
 * @param machine undefined for nights that take any machine
 */
export function queueName({ system }: Identity, machine: Machine | undefined): string {
  const ofSystem = digest(JSON.stringify(Object.entries(system).sort()));
  return `runs-${ofSystem}-${machine ? digest(JSON.stringify(Object.entries(machine).sort())) : 'any'}`;
}

/** Over all code that takes part in a run, and all scenarios that can be named. */
async function codeDigest(): Promise<string> {
  const { scenarios } = await catalogue();
  const own: { path: string; file: string }[] = [];
  for await (const entry of glob(CODE, { cwd: PROJECT_ROOT, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !/\.test\.ts$/.test(file))
      own.push({ path: file.slice(PROJECT_ROOT.length), file });
  }
  const named = scenarios.flatMap(({ file }) => (file ? [{ path: basename(file), file }] : []));
  const hash = createHash('sha256');
  for (const { path, file } of [...own, ...named].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = await readFile(file);
    hash.update(`${path}:${content.length}:`).update(content);
  }
  return hash.digest('hex').slice(0, LENGTH);
}

/** Images of one name are built from one recipe, maybe on different days: the packages tell. */
async function packagesIn(engine: Engine, image: string): Promise<string> {
  const status = await readFromImage(engine, image, PACKAGES_FILE);
  if (status === undefined) return String((await engine.docker.getImage(image).inspect()).Id);
  const versions = [...status.matchAll(/^Package: (.*)$[\s\S]*?^Version: (.*)$/gm)];
  return digest(
    versions
      .map(([, name, version]) => `${name} ${version}\n`)
      .sort()
      .join(''),
  );
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH);
}
