import { rule } from '../rule.ts';

/** keepalived's default of garp_master_delay. */
const GARP_DELAY_S = 5;

export default rule({
  severity: 'advice',
  title: 'Gratuitous ARPs are not repeated.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances
        .filter(({ garpRefreshS, addresses }) => garpRefreshS.value === 0 && addresses.length > 0)
        .map(({ name, garpRefreshS: { file, line } }) => ({
          ...{ file, line },
          message: `${name} announces its addresses at a takeover and ${GARP_DELAY_S} s later, and never again: a router that misses both keeps sending to the dead master until its ARP entry expires.`,
          advice: 'Write garp_master_refresh 5, or vrrp_garp_master_refresh in global_defs.',
        })),
    ),
});
