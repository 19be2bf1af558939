import { rule } from '../rule.ts';

export default rule({
  severity: 'advice',
  title: 'Gratuitous ARPs are not repeated.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances
        .filter(({ garpRefreshS, addresses }) => garpRefreshS.value === 0 && addresses.length > 0)
        .map(({ name, family, garpDelayS, garpRefreshS: { file, line } }) => ({
          ...{ file, line },
          message: `${name} announces its addresses at a takeover${garpDelayS.value > 0 ? ` and ${garpDelayS.value} s later` : ''}, and never again: a router that misses ${garpDelayS.value > 0 ? 'both' : 'that'} keeps sending to the dead master until its ${family === 6 ? 'neighbour' : 'ARP'} entry expires.`,
          advice: 'Write garp_master_refresh 5, or vrrp_garp_master_refresh in global_defs.',
        })),
    ),
});
