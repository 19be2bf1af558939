import { commandsOf } from '../configuration/scripts.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A notify script is not there.',

  check: ({ nodes }) =>
    nodes
      .flatMap(commandsOf)
      .filter(({ isCheck, path, script }) => !isCheck && path !== undefined && !script)
      .map(({ file, line, node, name, path, interpreter }) => ({
        ...{ file, line },
        message: `${name} names ${path}, and ${node.name}${path} is not there: ${interpreter ? `${interpreter} finds nothing to read` : 'keepalived drops the script'}.`,
        advice: `Copy the script to ${node.name}${path}.`,
      })),
});
