import { createHash } from 'node:crypto';

/** A number from 0 to below 1 that seed and name alone decide: each blow can be dealt again by itself. */
export function chance(seed: number, name: string): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE() / 2 ** 32;
}
