import type { Node } from './pair.ts';
import { writtenWeights } from './priorities.ts';
import { type Command, codeOf, commandsOf } from './scripts.ts';
import { sightOf } from './sight.ts';

/** A notify script that stops HAProxy on a node whose check asks for it. */
export interface Stops {
  readonly notify: Command;
  /** The check lowers the priority; otherwise it puts the node into the fault state. */
  readonly weighs: boolean;
  readonly because: string;
  readonly advice: string;
}

/** What is run when a node becomes a backup, or finds a fault. */
const LEAVING = /^notify(_backup|_fault)?$/;
const STOPS =
  /\b(?:systemctl|service)\b[^\n;&|]*\bstop\b[^\n;&|]*\bhaproxy|(?:\bservice\s+|init\.d\/)haproxy\s+stop|\b(?:pkill|killall)\s+(?!.*-0\b)[^\n;&|]*haproxy/;

/** Finds a notify script that stops the HAProxy which a check of the same node asks for. */
export function stopsHaproxy(node: Node): Stops | undefined {
  const commands = commandsOf(node);
  const check = commands.find(
    (command) => command.isCheck && ['death', 'hang'].includes(sightOf(command).sight),
  );
  const notify = commands.find((command) => LEAVING.test(command.name) && STOPS.test(codeOf(command) ?? ''));
  if (!check || !notify) return undefined;
  const weighs = node.vrrp.instances.some((instance) =>
    writtenWeights(node, instance).some(({ kind, name }) => kind === 'script' && name === check.name),
  );
  return {
    ...{ notify, weighs },
    because: `${notify.name} stops HAProxy on ${node.name}, and ${check.name} fails there from then on: ${node.name} waits ${weighs ? 'with a lower priority than is written' : 'in the fault state, and never takes over'}.`,
    advice: 'Let HAProxy run on all nodes: remove the line that stops it.',
  };
}
