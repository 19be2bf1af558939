import { shown, virtualRouters } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'An instance is on one node only.',

  check: (pair) => {
    if (pair.nodes.length < 2) return [];
    return virtualRouters(pair)
      .filter((router) => router.length === 1)
      .flat()
      .map((instance) => ({
        ...{ file: instance.file, line: instance.line },
        message: `${shown(instance)} has no partner on another node: when ${instance.node} fails, its addresses are gone.`,
        advice: 'Write the instance on another node too, with the same virtual_router_id and addresses.',
      }));
  },
});
