import { HAPROXY_CFG, KEEPALIVED_CONF, type Overlay } from '../configuration/overlay.ts';
import { readPair } from '../configuration/pair.ts';
import { examine } from '../examine.ts';
import { allRules } from '../rule.ts';
import { predict, predictAll, situationsOf } from './predict.ts';
import type { EventName, Predicted } from './prediction.ts';

/** What a node's instance says besides its name, its interface and its address. */
export interface Written {
  readonly priority: number;
  readonly instance?: string;
  /** The virtual address. */
  readonly address?: string;
  /** What stands in keepalived.conf before the instance. */
  readonly more?: string;
  /** What stands after it. */
  readonly after?: string;
  readonly files?: Readonly<Record<string, string>>;
}

export const PROXY = 'frontend web\n  bind *:80\n  default_backend b\nbackend b\n  server w1 10.0.9.1:80\n';

/** A check of the name `chk`, every second, once. */
export const check = (script: string, more = '') => `vrrp_script chk {
  script ${script}
  ${more}
}
`;
export const TRACKED = 'track_script { chk }';

/** The text of keepalived.conf, each of its parts on lines of its own. */
function keepalived({
  priority,
  instance = '',
  address = '10.0.0.10/24',
  more = '',
  after = '',
}: Written): string {
  return `${more}
vrrp_instance VI {
  interface eth0
  virtual_router_id 7
  garp_master_refresh 5
  priority ${priority}
  ${instance}
  virtual_ipaddress { ${address} }
}
${after}`;
}

/** Nodes a, b and so on. */
export function pairOf(nodes: readonly Written[], packages: readonly string[] = ['psmisc']) {
  const overlays = nodes.map((written, n): Overlay => {
    const files = { [KEEPALIVED_CONF]: keepalived(written), [HAPROXY_CFG]: PROXY, ...written.files };
    return {
      name: 'abcde'[n] ?? '',
      files: new Map(Object.entries(files).map(([path, text]) => [path, { text, executable: true }])),
    };
  });
  return readPair(overlays, { packages });
}

export const rules = await allRules();

/** Predicts an event for the first virtual router. */
export function predicted(event: EventName, nodes: readonly Written[], version?: string): Predicted {
  const pair = pairOf(nodes);
  const [situation] = situationsOf(pair, examine(pair, rules), version);
  if (!situation) throw new Error('The nodes share no virtual router.');
  return predict(event, situation);
}

/** Predicts all events of all virtual routers. */
export function allPredicted(nodes: readonly Written[]): readonly Predicted[] {
  const pair = pairOf(nodes);
  return situationsOf(pair, examine(pair, rules)).flatMap((situation) => predictAll(situation));
}
