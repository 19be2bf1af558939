import type { Listener, Pool } from '../../domain/load-balancer.ts';
import { PATHS } from '../paths.ts';
import { type Context, certificate } from './context.ts';

const CLIENT_AUTHENTICATION = { NONE: 'none', OPTIONAL: 'optional', MANDATORY: 'required' } as const;
const TLS_OPTIONS = {
  SSLv3: 'no-sslv3',
  TLSv1: 'no-tlsv10',
  'TLSv1.1': 'no-tlsv11',
  'TLSv1.2': 'no-tlsv12',
  'TLSv1.3': 'no-tlsv13',
} as const;

/** Whether a listener speaks TLS to its clients: with a certificate for every name, or for some alone. */
export function hasCertificates(
  listener: Pick<Listener, 'default_tls_container_ref' | 'sni_container_refs'>,
): boolean {
  return listener.default_tls_container_ref !== undefined || listener.sni_container_refs.length > 0;
}

/** How a listener terminates TLS: the options of its `bind` line. */
export function terminationOptions(context: Context, listener: Listener): string[] {
  if (!hasCertificates(listener)) return [];
  const ca = certificate(context, listener.client_ca_tls_container_ref);
  const crl = certificate(context, listener.client_crl_container_ref);
  return [
    ...ownCertificates(context, listener),
    ...(ca ? [`ca-file ${ca} verify ${CLIENT_AUTHENTICATION[listener.client_authentication]}`] : []),
    ...(ca && crl ? [`crl-file ${crl}`] : []),
    // Rocky's API knows neither ciphers nor versions nor ALPN.
    ...(context.settings.profile === 'current' ? [...cryptography(listener), ...alpn(listener)] : []),
  ];
}

function alpn({ alpn_protocols }: Pick<Listener, 'alpn_protocols'>): string[] {
  return alpn_protocols ? [`alpn ${alpn_protocols.join(',')}`] : [];
}

/**
 * Rocky names the default certificate, today there is a list of them. For SNI Rocky names the folder, from which
 * HAProxy would load authorities and lists as well, and refuse them: each certificate is named instead.
 */
function ownCertificates(context: Context, listener: Listener): string[] {
  if (context.settings.profile === 'current') {
    return [`ssl crt-list ${PATHS.certificates(context.id)}/${listener.id}.pem`];
  }
  const files = [listener.default_tls_container_ref, ...listener.sni_container_refs]
    .map((reference) => certificate(context, reference))
    .filter((file) => file !== undefined);
  return ['ssl', ...files.map((file) => `crt ${file}`)];
}

/** How a pool's members are spoken to by TLS: options of their `server` lines. */
export function reencryptionOptions(context: Context, pool: Pool): string[] {
  if (!pool.tls_enabled) return [];
  const own = certificate(context, pool.tls_container_ref);
  const ca = certificate(context, pool.ca_tls_container_ref);
  const crl = certificate(context, pool.crl_container_ref);
  return [
    'ssl',
    ...(own ? [`crt ${own}`] : []),
    // Where there is no list of revoked ones, upstream leaves HAProxy to its default, which is to verify.
    ...(ca ? [`ca-file ${ca}`, ...(crl ? [`crl-file ${crl}`, 'verify required'] : [])] : ['verify none']),
    'sni ssl_fc_sni',
    ...(context.settings.profile === 'current' ? [...cryptography(pool), ...alpn(pool)] : []),
  ];
}

function cryptography(side: Pick<Listener, 'tls_ciphers' | 'tls_versions'>): string[] {
  const versions = side.tls_versions;
  return [
    ...(side.tls_ciphers ? [`ciphers ${side.tls_ciphers}`] : []),
    ...(versions
      ? Object.entries(TLS_OPTIONS)
          .filter(([version]) => !versions.includes(version as keyof typeof TLS_OPTIONS))
          .map(([, option]) => option)
      : []),
  ];
}

export function strictTransportSecurity(listener: Listener): string[] {
  if (listener.hsts_max_age === undefined) return [];
  const value = [
    `max-age=${listener.hsts_max_age};`,
    ...(listener.hsts_include_subdomains ? ['includeSubDomains;'] : []),
    ...(listener.hsts_preload ? ['preload;'] : []),
  ].join(' ');
  return [`http-response set-header Strict-Transport-Security "${value}"`];
}
