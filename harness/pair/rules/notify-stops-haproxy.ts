import { stopsHaproxy } from '../configuration/stops.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A notify script stops the HAProxy that a check asks for.',

  check: ({ nodes }) =>
    nodes.flatMap((node) => {
      const stops = stopsHaproxy(node);
      if (!stops) return [];
      const { notify, because: message, advice } = stops;
      return [{ file: notify.file, line: notify.line, message, advice }];
    }),
});
