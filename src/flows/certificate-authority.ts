import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { ClientCredentials } from '../driver/endpoint.ts';
import { type CertificateRequest, certificatePem } from './certificate.ts';

const DAY_MS = 24 * 3600 * 1000;
const VALIDITY_MS = 365 * DAY_MS;

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * The controller's certificate authorities (octavia.conf, [certificates] and [haproxy_amphora]): one that
 * signs the agents' server certificates, and one that signs the controller's own client certificate.
 */
export class CertificateAuthority {
  readonly #name: string;
  readonly #keys: KeyPair;
  /** PEM. */
  readonly certificate: string;

  private constructor(name: string, keys: KeyPair) {
    this.#name = name;
    this.#keys = keys;
    this.certificate = this.#signed(name, keys.publicKey, 'authority', validity());
  }

  static async create(commonName: string): Promise<CertificateAuthority> {
    return new CertificateAuthority(commonName, await newKeys());
  }

  /**
   * A certificate in that name, with its key; PEM. Strict verifiers take it: Python verifies so from 3.13 on
   * (ssl.VERIFY_X509_STRICT).
   *
   * @param valid a year from yesterday where nothing else is said
   */
  async issue(
    name: string,
    usage: 'server' | 'client',
    valid: CertificateRequest['valid'] = validity(),
  ): Promise<{ readonly cert: string; readonly key: string }> {
    const { publicKey, privateKey } = await newKeys();
    return {
      cert: this.#signed(name, publicKey, usage, valid),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
  }

  #signed(
    subject: string,
    publicKey: KeyObject,
    usage: CertificateRequest['usage'],
    valid: CertificateRequest['valid'],
  ): string {
    const { privateKey: signedBy } = this.#keys;
    return certificatePem({
      ...{ subject, issuer: this.#name, publicKey, signedBy, usage, valid },
      serial: serial(),
    });
  }
}

/** Both authorities, and what the controller shows to agents. */
export interface ControllerIdentity {
  readonly serverAuthority: CertificateAuthority;
  readonly clientAuthority: CertificateAuthority;
  readonly credentials: ClientCredentials;
}

export async function createIdentity(): Promise<ControllerIdentity> {
  const [serverAuthority, clientAuthority] = await Promise.all([
    CertificateAuthority.create('amphora server CA'),
    CertificateAuthority.create('controller client CA'),
  ]);
  const client = await clientAuthority.issue('controller', 'client');
  return { serverAuthority, clientAuthority, credentials: { ca: serverAuthority.certificate, ...client } };
}

function newKeys(): Promise<KeyPair> {
  return promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
}

function serial(): Buffer {
  // A positive number (RFC 5280, section 4.1.2.2).
  return Buffer.concat([Buffer.of(1), randomBytes(15)]);
}

function validity(): CertificateRequest['valid'] {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + VALIDITY_MS) };
}
