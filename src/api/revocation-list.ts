// The library's dependency injection wants it before anything else.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

/** Whether an authority has signed a list of revoked certificates. @throws where one of the two is none */
export async function hasSigned(authorityPem: string, revokedPem: string): Promise<boolean> {
  const { publicKey } = new x509.X509Certificate(authorityPem);
  return new x509.X509Crl(revokedPem).verify({ publicKey });
}
