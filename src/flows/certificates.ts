import { members } from '../domain/deployment.ts';
import { atAmphora, type Flow } from './flow.ts';
import type { Services } from './services.ts';

/** The controller has no authority that could sign for its amphorae. */
export class NoAuthority extends Error {
  override readonly name = 'NoAuthority';

  constructor() {
    super('This controller signs no certificates: its amphorae were given theirs by somebody else.');
  }
}

/**
 * Gives each amphora's agent a new certificate, one amphora after the other (upstream's
 * cert_rotate_amphora_flow). Connections that stand keep theirs, and the data plane is not touched.
 *
 * @throws NoAuthority
 */
export function rotateCertificates(services: Services, id: string): Flow {
  const { deployments, driver, issueCertificate } = services;
  if (!issueCertificate) {
    throw new NoAuthority();
  }
  return {
    sequence: members(deployments.get(id)).map((amphora) => ({
      name: 'AmphoraCertUpload',
      of: amphora.id,
      execute: () =>
        atAmphora(amphora, async () => driver.uploadCertificate(amphora, await issueCertificate(amphora.id))),
    })),
  };
}
