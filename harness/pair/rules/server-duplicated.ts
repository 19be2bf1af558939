import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'A back end has the same server twice.',

  check: ({ nodes }) =>
    nodes.flatMap(({ haproxy }) =>
      (haproxy?.sections ?? [])
        .filter(({ words: [kind = ''] }) => kind === 'backend' || kind === 'listen')
        .flatMap(({ words, lines }) => {
          const servers = lines.filter((line) => line.words[0] === 'server');
          return servers.flatMap(({ words: [, name, address], file, line }, n) => {
            const twin = servers
              .slice(0, n)
              .find((other) => other.words[1] === name || other.words[2] === address);
            if (!twin) return [];
            const what = twin.words[1] === name ? `the name ${name}` : `the address ${address}`;
            return [
              {
                ...{ file, line },
                message: `${words.slice(0, 2).join(' ')} has two servers with ${what} (also in line ${twin.line}): one machine gets two shares, and its failure counts twice.`,
                advice: 'Remove one of them, or correct its name or address.',
              },
            ];
          });
        }),
    ),
});
