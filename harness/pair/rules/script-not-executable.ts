import { commandsOf } from '../configuration/scripts.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A script is not executable.',

  check: ({ nodes }) =>
    nodes
      .flatMap(commandsOf)
      .filter(({ script, interpreter }) => script && !script.executable && !interpreter)
      .map(({ file, line, node, name, path, isCheck }) => ({
        ...{ file, line },
        message: `${name} names ${path}, which is not executable: keepalived drops ${isCheck ? 'the check, and a dead service moves nothing' : 'the script'}.`,
        advice: `chmod +x ${node.name}${path}`,
      })),
});
