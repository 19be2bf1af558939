import type { Place } from '../../syntax/statement.ts';
import { canonical } from './address.ts';
import type { Node } from './pair.ts';

/** An address and port that HAProxy listens on. */
export interface Bind extends Place {
  readonly section: string;
  /** Empty for every address. */
  readonly address: string;
  /** As written: a port, or a range. */
  readonly port: string;
  readonly transparent: boolean;
  readonly tls: boolean;
  /** The files or folders that `crt` names. */
  readonly certificates: readonly string[];
}

/** Addresses that stand for every address. */
const EVERY = new Set(['', '*', '0.0.0.0', '::']);

/** What HAProxy listens on at a node; sockets and addresses from the environment are left out. */
export function bindsOf({ haproxy }: Node): readonly Bind[] {
  return (haproxy?.sections ?? [])
    .filter(({ words: [kind = ''] }) => kind === 'frontend' || kind === 'listen')
    .flatMap(({ words: [kind, name], lines }) =>
      lines
        .filter(({ words }) => words[0] === 'bind')
        .flatMap(({ words: [, addresses = '', ...options], file, line }) =>
          addresses.split(',').flatMap((written) => {
            const bare = written.replace(/^ipv[46]@/, '');
            const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|(.*)):([\d-]+)$/.exec(bare) ?? [];
            if (port === undefined || /[$/@]/.test(bare)) return [];
            const address = canonical(bracketed ?? plain);
            return [
              {
                ...{ file, line, port, section: `${kind} ${name ?? ''}`.trim() },
                address: EVERY.has(address) ? '' : address,
                transparent: options.includes('transparent'),
                tls: options.includes('ssl'),
                certificates: options.filter((_, n) => options[n - 1] === 'crt'),
              },
            ];
          }),
        ),
    );
}
