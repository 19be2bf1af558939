import type { Place } from '../../syntax/statement.ts';
import { canonical } from './address.ts';
import type { Node } from './pair.ts';

/** An address that a machine has by itself, and what shows that. */
export interface OwnAddress {
  readonly address: string;
  readonly because: Place;
}

/** Files of Debian's and systemd's network configuration. */
const NETWORK = /^etc\/(network\/interfaces(\.d\/.*)?|systemd\/network\/.*\.network|netplan\/.*\.ya?ml)$/;
/** `address 10.0.0.2/24`, `Address=10.0.0.2/24`, `- 10.0.0.2/24`. */
const ADDRESS = /^\s*(?:address\s+|Address=|-\s+"?)([0-9a-fA-F.:]+)(?:\/\d+)?"?\s*$/;

/** The addresses that a node's configurations show to be its own. */
export function ownAddresses({ name, overlay, vrrp }: Node): readonly OwnAddress[] {
  const sources = vrrp.instances.flatMap(({ source }) =>
    source ? [{ address: source.value, because: source }] : [],
  );
  const configured = [...overlay.files]
    .filter(([path]) => NETWORK.test(path))
    .flatMap(([path, { text }]) =>
      text.split('\n').flatMap((line, n) => {
        const [, address] = ADDRESS.exec(line) ?? [];
        return address === undefined
          ? []
          : [{ address: canonical(address), because: { file: `${name}/${path}`, line: n + 1 } }];
      }),
    );
  return [...sources, ...configured];
}
