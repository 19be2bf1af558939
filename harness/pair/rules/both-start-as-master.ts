import { sharedRouters, shown } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'advice',
  title: 'Two nodes have state MASTER.',

  check: (pair) =>
    sharedRouters(pair).flatMap((router) => {
      const [first, ...others] = router.filter(({ state }) => state.value === 'MASTER');
      return others.map((other) => ({
        ...{ file: other.state.file, line: other.state.line },
        message: `${first ? shown(first) : ''} and ${shown(other)} both have state MASTER, and only one can be it: the priorities decide.`,
        advice: 'Write state BACKUP on all nodes, or MASTER only where the priority is highest.',
      }));
    }),
});
