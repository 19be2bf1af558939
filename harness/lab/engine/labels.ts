import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { PROJECT_ROOT } from '../../project.ts';

/** Labels on every container and image of the testbed, so that `npm run prune` finds what a crash left behind. */
export const LABEL = {
  /** Name of the lab that a container belongs to. */
  lab: 'org.amphora-testbed.lab',
  /** What the object is: `amphora`, `fabric` or `renderers`; for images also `base` and `node`. */
  role: 'org.amphora-testbed.role',
  /** The process that made it, see {@link SESSION}. */
  session: 'org.amphora-testbed.session',
  /** The checkout that made it, see {@link OWNER}. */
  owner: 'org.amphora-testbed.owner',
} as const;

/**
 * This user's checkout or package: what shares an engine with others must not remove their labs and images. Users of one
 * machine may share an installed package.
 */
export const OWNER = ownerAt(PROJECT_ROOT);

/** How this user's checkout at this path is called. */
export function ownerAt(path: string): string {
  return `${hostname()}:${process.getuid?.() ?? ''}:${path}`;
}

/** Whether this is a checkout of this user's that is gone: a job's folder, for example. Nobody else removes what it left. */
export function isGone(owner: string): boolean {
  const prefix = ownerAt('');
  return owner.startsWith(prefix) && !existsSync(owner.slice(prefix.length));
}

/** This process: what it made is removed when it is gone. */
export const SESSION: string = randomUUID();

/** `lab-` and six hexadecimal digits. */
export function newLabName(): string {
  return `lab-${randomBytes(3).toString('hex')}`;
}
