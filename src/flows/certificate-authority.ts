// The library's dependency injection wants it before anything else.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { ClientCredentials } from '../driver/endpoint.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 3600 * 1000;
const VALIDITY_MS = 365 * DAY_MS;

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

type KeyPair = webcrypto.CryptoKeyPair;

/**
 * The controller's certificate authorities (octavia.conf, [certificates] and [haproxy_amphora]): one that
 * signs the agents' server certificates, and one that signs the controller's own client certificate.
 */
export class CertificateAuthority {
  readonly #keys: KeyPair;
  readonly #certificate: x509.X509Certificate;

  private constructor(keys: KeyPair, certificate: x509.X509Certificate) {
    this.#keys = keys;
    this.#certificate = certificate;
  }

  static async create(commonName: string): Promise<CertificateAuthority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serial(),
      name: `CN=${commonName}`,
      ...validity(),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(keys, certificate);
  }

  /** PEM. */
  get certificate(): string {
    return `${this.#certificate.toString('pem')}\n`;
  }

  /**
   * A certificate in that name, with its key; PEM. It has the extensions of RFC 5280, section 4.2, that a strict
   * verifier asks for: Python verifies so from 3.13 on (ssl.VERIFY_X509_STRICT).
   *
   * @param valid a year from yesterday where nothing else is said
   */
  async issue(
    name: string,
    usage: 'server' | 'client',
    valid: { readonly notBefore: Date; readonly notAfter: Date } = validity(),
  ): Promise<{ readonly cert: string; readonly key: string }> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: `CN=${name}`,
      issuer: this.#certificate.subject,
      ...valid,
      signingAlgorithm: ALGORITHM,
      signingKey: this.#keys.privateKey,
      publicKey: keys.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        // All that TLS does with a key for ECDSA (RFC 5480, section 3).
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[`${usage}Auth`]]),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      ],
    });
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      cert: `${certificate.toString('pem')}\n`,
      key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
    };
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

async function newKeys(): Promise<KeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as KeyPair;
}

function serial(): string {
  // A positive number (RFC 5280, section 4.1.2.2).
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + VALIDITY_MS) };
}

/** Whether an authority has signed a list of revoked certificates. @throws where one of the two is none */
export async function hasSigned(authorityPem: string, revokedPem: string): Promise<boolean> {
  const { publicKey } = new x509.X509Certificate(authorityPem);
  return new x509.X509Crl(revokedPem).verify({ publicKey });
}
