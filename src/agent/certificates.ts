import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { PATHS } from '../templates/paths.ts';
import { type Answer, answer, Refused } from './answer.ts';
import { replaceFile } from './files.ts';

/** Certificates of the listeners, in files that haproxy.cfg names. */
export async function putCertificate(id: string, file: string, pem: Buffer): Promise<Answer> {
  const path = pathOf(id, file);
  await mkdir(PATHS.certificates(id), { recursive: true });
  await replaceFile(path, pem, 0o600);
  return answer(200, 'OK');
}

export async function certificateDigest(id: string, file: string): Promise<Answer> {
  const path = pathOf(id, file);
  if (!existsSync(path)) {
    return answer(404, 'Certificate Not Found', `No certificate with filename: ${file}`);
  }
  return {
    status: 200,
    body: {
      md5sum: createHash('md5')
        .update(await readFile(path))
        .digest('hex'),
    },
  };
}

export async function deleteCertificate(id: string, file: string): Promise<Answer> {
  await rm(pathOf(id, file), { force: true });
  return answer(200, 'OK');
}

function pathOf(id: string, file: string): string {
  if (!/^[\w-][\w.-]*\.pem$/.test(file)) throw new Refused(400, { message: 'Filename has wrong format' });
  return `${PATHS.certificates(id)}/${file}`;
}
