import { shown } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'nopreempt is ignored, as the instance begins as master.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      vrrp.instances.flatMap((instance) =>
        instance.nopreempt && instance.state.value === 'MASTER'
          ? [
              {
                ...{ file: instance.nopreempt.file, line: instance.nopreempt.line },
                message: `${shown(instance)} has state MASTER, and keepalived then ignores nopreempt: after a repair it takes the VIP back, with a second interruption.`,
                advice: 'Write state BACKUP on all nodes: the priority elects the master.',
              },
            ]
          : [],
      ),
    ),
});
