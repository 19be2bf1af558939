import { differing, shown } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'The nodes have different virtual_router_ids for the same virtual addresses.',

  check: (pair) =>
    differing(pair, ({ routerId }) => routerId.value).map(({ first, other }) => ({
      ...{ file: other.routerId.file, line: other.routerId.line },
      message: `${shown(other)} has virtual_router_id ${other.routerId.value}, and ${shown(first)} has ${first.routerId.value}: neither hears the other, and both become master.`,
      advice: `Give both virtual_router_id ${first.routerId.value}.`,
    })),
});
