import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { refuse } from '../domain/schema/invalid.ts';
import { SecretNotFound, type SecretReader } from '../driver/secret.ts';
import { hasSigned } from './revocation-list.ts';

/** What an object of a load balancer serves or asks others with. */
interface Material {
  readonly place: string;
  /** Certificates with their keys, each by the field that refers to it. */
  readonly own: readonly (readonly [field: string, reference: string | undefined])[];
  readonly authority: readonly [field: string, reference: string | undefined];
  readonly revoked: readonly [field: string, reference: string | undefined];
}

/** Looks at TLS material before anything is served with it (octavia/api/v2/controllers/base.py). */
export type TlsCheck = (plan: {
  readonly planned: LoadBalancer;
  readonly before?: LoadBalancer;
}) => Promise<void>;

/**
 * Reads what listeners and pools newly refer to, as amphorae will.
 *
 * @throws InvalidLoadBalancer for a reference that leads nowhere, and for material that cannot be served
 */
export function tlsCheck(read: SecretReader): TlsCheck {
  const text = async (place: string, reference: string): Promise<string> => {
    try {
      return await read(reference);
    } catch (cause) {
      if (!(cause instanceof SecretNotFound)) throw cause;
      return refuse(place, `cannot be read: ${cause.message}`);
    }
  };
  return async ({ planned, before }) => {
    const known = new Set(before ? materialOf(before).map((entry) => JSON.stringify(references(entry))) : []);
    for (const entry of materialOf(planned)) {
      if (known.has(JSON.stringify(references(entry)))) continue;
      for (const [field, reference] of entry.own) {
        const place = within(entry.place, field);
        if (reference) requirePair(place, await text(place, reference));
      }
      const [authorityField, authority] = entry.authority;
      if (!authority) continue;
      const place = within(entry.place, authorityField);
      const authorityPem = await text(place, authority);
      requireCertificate(place, authorityPem);
      const [revokedField, revoked] = entry.revoked;
      if (revoked) {
        const at = within(entry.place, revokedField);
        await requireRevocations(at, await text(at, revoked), authorityPem);
      }
    }
  };
}

function materialOf({ listeners, pools }: LoadBalancer): readonly Material[] {
  return [
    ...listeners.map(
      (listener, n): Material => ({
        place: listeners.length > 1 ? `listeners[${n}]` : '',
        own: [
          ['default_tls_container_ref', listener.default_tls_container_ref],
          ...listener.sni_container_refs.map((reference) => ['sni_container_refs', reference] as const),
        ],
        authority: ['client_ca_tls_container_ref', listener.client_ca_tls_container_ref],
        revoked: ['client_crl_container_ref', listener.client_crl_container_ref],
      }),
    ),
    ...pools.map(
      (pool, n): Material => ({
        place: pools.length > 1 ? `pools[${n}]` : '',
        own: [['tls_container_ref', pool.tls_container_ref]],
        authority: ['ca_tls_container_ref', pool.ca_tls_container_ref],
        revoked: ['crl_container_ref', pool.crl_container_ref],
      }),
    ),
  ];
}

function references({ own, authority, revoked }: Material) {
  return [own, authority, revoked];
}

function within(place: string, field: string): string {
  return place ? `${place}.${field}` : field;
}

/** HAProxy wants both in one file. */
function requirePair(place: string, pem: string): void {
  requireCertificate(place, pem);
  try {
    createSecureContext({ cert: pem, key: pem });
  } catch (error) {
    refuse(place, `must hold a certificate with its key, PEM; ${(error as Error).message}`);
  }
}

function requireCertificate(place: string, pem: string): void {
  try {
    new X509Certificate(pem);
  } catch (error) {
    refuse(place, `must hold a certificate, PEM; ${(error as Error).message}`);
  }
}

async function requireRevocations(place: string, pem: string, authorityPem: string): Promise<void> {
  const signed = await hasSigned(authorityPem, pem).catch((error: Error) =>
    refuse(place, `must hold a list of revoked certificates, PEM; ${error.message}`),
  );
  if (!signed) refuse(place, 'must be signed by the authority beside it; another has signed it');
}
