import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Gives the PEM text that a container reference of the API stands for (Octavia's certificate manager). */
export type SecretReader = (reference: string) => Promise<string>;

/** A reference leads to no secret. */
export class SecretNotFound extends Error {
  override readonly name = 'SecretNotFound';
}

/** Reads `file:PATH`, for the user who owns the files. */
export const readFileReference: SecretReader = async (reference) => {
  const path = /^file:(.+)$/.exec(reference)?.[1];
  if (!path) throw new SecretNotFound(`${reference}: TLS material must be referred to as file:PATH.`);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SecretNotFound(`${reference}: ${(cause as Error).message}`, { cause });
  }
};

/** Reads `file:NAME` only below a folder, for clients of the API. */
export function readBelow(folder: string): SecretReader {
  return async (reference) => {
    const root = await realpath(folder);
    const path = await realpath(join(root, reference.replace(/^file:/, ''))).catch(() => '');
    if (!path.startsWith(`${root}${sep}`)) {
      throw new SecretNotFound(`${reference}: there is no such file in the folder of TLS material.`);
    }
    return readFileReference(`file:${path}`);
  };
}
