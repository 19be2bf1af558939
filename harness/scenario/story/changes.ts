import { agentCertificate } from '../../lab/agent-certificate.ts';
import { type LabLoadBalancer, loadBalancerOf } from '../../lab/load-balancer.ts';
import type { LabObservation } from '../../observations/observation.ts';
import { AMPHORA, type Argument, thing } from '../../vocabulary/argument.ts';
import { type Act, done, type Hand } from '../../vocabulary/deed.ts';
import type { Word } from '../../vocabulary/word.ts';

/** What differs from the lab's own load balancer; what is wrong with it is said by its parser. */
const LOAD_BALANCER = thing<LabLoadBalancer, string>(
  '{ listener, pool, listeners, … }',
  ' as given',
  (given) => typeof given === 'object' && given !== null,
  (given) =>
    Object.keys(given).length > 0 ? `: ${differences(given).join('; ')}` : " back to the lab's own",
);

function differences({ listeners = [], ...fields }: LabLoadBalancer): readonly string[] {
  const own = (value: unknown) =>
    typeof value === 'object' && value !== null ? Object.keys(value).join(' and ') : String(value);
  return [
    ...listeners.map(
      ({ name, protocol, protocol_port }) =>
        `it adds the listener ${name} (${protocol}, port ${protocol_port})`,
    ),
    ...Object.entries(fields).map(([field, value]) => `the ${field} gets its own ${own(value)}`),
  ];
}

function change<const Takes extends readonly Argument[], Does extends Act<Takes>>(
  definition: Word<Takes> & { readonly act: Does },
) {
  return definition;
}

async function asked(
  { instant }: Hand,
  name: string,
  node: string,
  by: string,
  act: () => Promise<unknown>,
): Promise<LabObservation> {
  await instant();
  return done('change', name, node, by, act);
}

/** What an operator does to a pair that is well. */
export const CHANGES = {
  reloadKeepalived: change({
    takes: [AMPHORA],
    says: (amphora) => `the agent of ${amphora} reloads keepalived`,
    act: (hand, amphora) =>
      asked(hand, 'keepalived reloaded', amphora.instance.name, hand.lab.operated, () =>
        hand.lab.operate(amphora, 'keepalived', 'reload'),
      ),
  }),
  reloadHaproxy: change({
    takes: [AMPHORA],
    says: (amphora) => `the agent of ${amphora} reloads HAProxy`,
    act: (hand, amphora) =>
      asked(hand, 'HAProxy reloaded', amphora.instance.name, hand.lab.operated, () =>
        hand.lab.operate(amphora, 'haproxy', 'reload'),
      ),
  }),
  /** The controller replaces one amphora. */
  failoverAmphora: change({
    needs: 'a controller',
    takes: [AMPHORA],
    says: (amphora) => `the controller replaces ${amphora}`,
    act: (hand, { id, instance }) =>
      asked(hand, 'amphora replaced', instance.name, 'by the controller', () =>
        hand.lab.octavia.controller.failoverAmphora(id),
      ),
  }),
  /** The controller replaces both, the backup first. */
  failoverLoadBalancer: change({
    needs: 'a controller',
    takes: [],
    says: () => 'the controller replaces every amphora of the load balancer, the backup first',
    act: (hand) =>
      asked(hand, 'amphorae replaced', 'lab', 'by the controller', () =>
        hand.lab.octavia.controller.failoverLoadBalancer(hand.lab.octavia.deployment.loadBalancer.id),
      ),
  }),
  /** The controller gives both agents new certificates, and each shows its own from then on. */
  rotateCertificates: change({
    needs: 'a controller',
    takes: [],
    says: () => 'the controller gives both agents new certificates, and each shows its new one',
    async act(hand) {
      const { octavia } = hand.lab;
      const serials = () =>
        Promise.all(octavia.amphorae.map((amphora) => agentCertificate(octavia, amphora)));
      const before = await serials();
      const entry = await asked(hand, 'certificates rotated', 'lab', 'by the controller', () =>
        octavia.controller.rotateCertificates(octavia.deployment.loadBalancer.id),
      );
      const after = await serials();
      await hand.check('each agent shows a new certificate', {
        holds: after.every((serial, n) => serial !== before[n]),
        detail: after.join(', '),
      });
      return entry;
    },
  }),
  /** The controller brings both amphorae to this load balancer. */
  loadBalancer: change({
    needs: 'a controller',
    takes: [LOAD_BALANCER],
    says: (to) => `the controller changes the load balancer${to}`,
    act: (hand, to: LabLoadBalancer) =>
      asked(hand, 'load balancer changed', 'lab', 'by the controller', () =>
        hand.lab.octavia.controller.updateListeners(loadBalancerOf(to)),
      ),
  }),
};
