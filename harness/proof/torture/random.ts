import { createHash } from 'node:crypto';

/** A number from 0 to below 1 that depends only on seed and name: each fault can be repeated alone. */
export function chance(seed: number, name: string): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE() / 2 ** 32;
}
