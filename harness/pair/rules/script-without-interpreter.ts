import { commandsOf } from '../configuration/scripts.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A script has no interpreter line.',

  check: ({ nodes }) =>
    nodes
      .flatMap(commandsOf)
      .filter(
        ({ script, interpreter }) =>
          script && !interpreter && script.text !== '' && !/^(#!|\x7fELF)/.test(script.text),
      )
      .map(({ file, line, node, name, path, isCheck }) => ({
        ...{ file, line },
        message: `${name} names ${path}, which does not begin with #!: the kernel cannot start it${isCheck ? ', and keepalived counts a check that cannot start as a success' : ''}.`,
        advice: `Begin ${node.name}${path} with #!/bin/sh.`,
      })),
});
