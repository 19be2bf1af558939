import { commandsOf } from '../configuration/scripts.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A check script is not there.',

  check: ({ nodes }) =>
    nodes
      .flatMap(commandsOf)
      .filter(({ isCheck, path, script }) => isCheck && path !== undefined && !script)
      .map(({ file, line, node, name, path, interpreter }) => ({
        ...{ file, line },
        message: `${name} names ${path}, and ${node.name}${path} is not there: ${interpreter ? `${interpreter} starts and finds nothing to read, so that the check always fails` : 'keepalived drops the check, and a dead service moves nothing'}.`,
        advice: `Copy the script to ${node.name}${path}.`,
      })),
});
