import { commandsOf } from '../configuration/scripts.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A script has Windows line ends.',

  check: ({ nodes }) =>
    nodes
      .flatMap(commandsOf)
      .filter(({ script }) => script && /^#!.*\r$/m.test(script.text.split('\n', 1)[0] ?? ''))
      .map(({ file, line, node, name, path }) => ({
        ...{ file, line },
        message: `${name} names ${path}, whose lines end as on Windows: its interpreter gets a carriage return behind its name, and is not found.`,
        advice: `sed -i 's/\\r$//' ${node.name}${path}`,
      })),
});
