import type { Lab } from './lab.ts';

/** Which member answered a client, by the client's address. */
export type Visits = ReadonlyMap<string, string>;

/** From the range for benchmarks (RFC 2544, appendix C.2.2), so that no address of a user's network is shadowed. */
const CLIENTS = '198.18.0.0/16';

/**
 * Has `count` clients, each with its own address, ask the VIP once, one after the other in one process.
 * A client keeps its cookies from one visit to the next; one that got no answer is left out.
 */
export async function clientVisits(
  { fabric, vip, port, clientSides }: Lab,
  clients: number,
): Promise<Visits> {
  const url = `http://${vip}:${port}/`;
  const blocks = Array.from({ length: clients }, (_, n) =>
    [
      `url = "${url}"`,
      `interface = "${clientAddress(n)}"`,
      `cookie = "/run/jar-${n}"`,
      `cookie-jar = "/run/jar-${n}"`,
      'max-time = 2',
      'output = "/dev/null"',
      'write-out = "%{local_ip} %header{x-member}\\n"',
    ].join('\n'),
  );
  const [, , answer] = await fabric.attempt(
    // Every address of the range is the client's own: the kernel takes a whole prefix as local.
    { argv: ['ip', 'route', 'replace', 'local', CLIENTS, 'dev', 'lo'] },
    { argv: ['ip', '-n', 'router', 'route', 'replace', CLIENTS, 'via', clientSides[4].client] },
    { argv: ['curl', '--silent', '--config', '-'], stdin: `${blocks.join('\nnext\n')}\n` },
  );
  return new Map(
    (answer?.stdout ?? '').split('\n').flatMap((line): [string, string][] => {
      const [client, member] = line.split(' ');
      return client && member ? [[client, member]] : [];
    }),
  );
}

function clientAddress(n: number): string {
  return `198.18.${Math.floor(n / 250)}.${1 + (n % 250)}`;
}
