import type { Listener, Pool } from '../load-balancer.ts';

/**
 * Section [api_settings] of octavia.conf: the defaults of what is served by TLS
 * (octavia/common/constants.py, CIPHERS_OWASP_SUITE_B and TLS_VERSIONS_OWASP_SUITE_B; octavia/db/prepare.py).
 */
const TLS_DEFAULTS = {
  tls_ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'DHE-RSA-AES128-GCM-SHA256',
    'DHE-RSA-AES256-GCM-SHA384',
    'DHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  tls_versions: ['TLSv1.2', 'TLSv1.3'],
  alpn_protocols: ['h2', 'http/1.1', 'http/1.0'],
} as const;

type Encryption = Pick<Listener, 'tls_ciphers' | 'tls_versions' | 'alpn_protocols'>;

/** A listener or pool with what TLS needs, where it uses TLS. A list without entries counts as none. */
export function encrypted<Side extends Encryption>(side: Side, usesTls: boolean): Side {
  const { tls_ciphers, tls_versions, alpn_protocols } = side;
  const unset = usesTls ? TLS_DEFAULTS : undefined;
  return {
    ...side,
    tls_ciphers: tls_ciphers ?? unset?.tls_ciphers,
    tls_versions: tls_versions?.length ? tls_versions : unset && [...unset.tls_versions],
    alpn_protocols: alpn_protocols?.length ? alpn_protocols : unset && [...unset.alpn_protocols],
  };
}

export function terminatesTls({ protocol }: Pick<Listener, 'protocol'>): boolean {
  return protocol === 'TERMINATED_HTTPS';
}

/** What an HTTP check asks for (octavia/common/constants.py, HEALTH_MONITOR_…_DEFAULT…). */
export const CHECK_DEFAULTS = { http_method: 'GET', url_path: '/', expected_codes: '200' } as const;

/** Whether a monitor's checks are requests, so that it has what only those have. */
export function asksByHttp({ type }: Pick<NonNullable<Pool['healthmonitor']>, 'type'>): boolean {
  return type === 'HTTP' || type === 'HTTPS';
}
