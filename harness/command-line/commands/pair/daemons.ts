import type { Engine } from '../../../lab/engine/engine.ts';
import type { Images } from '../../../lab/images/images.ts';
import { PlainLab } from '../../../lab/plain/plain-lab.ts';
import type { Pair } from '../../../pair/configuration/pair.ts';
import { complaintsOf, DAEMONS, type DaemonName } from '../../../pair/daemons.ts';
import type { Finding } from '../../../pair/rule.ts';
import type { PairUnderTest } from '../../../system/under-test.ts';

/** What keepalived and HAProxy say of their configurations. */
export interface DaemonsSay {
  readonly findings: readonly Finding[];
  /** Checks that gave no answer, as a sentence. */
  readonly unknown: readonly string[];
}

/** Has the daemons of a pair check their configurations, on the machines of a lab. */
export async function askDaemons(
  engine: Engine,
  images: Images,
  pair: PairUnderTest,
  { nodes }: Pair,
): Promise<DaemonsSay> {
  await using lab = await PlainLab.create({ engine, images, pair });
  const asked = await Promise.all(
    lab.nodes.flatMap((node) =>
      (Object.keys(DAEMONS) as DaemonName[]).map(async (daemon) => {
        const [answer] = await lab.fabric.attempt({
          argv: lab.besideVip(node, ...lab.inside(node, ...DAEMONS[daemon].argv)),
        });
        const { exitCode = 0, stdout = '', stderr = '' } = answer ?? {};
        const read = nodes.find(({ name }) => name === node.id);
        if (!read) throw new Error(`The pair has no node ${node.id}.`);
        const found = complaintsOf(daemon, read, { exitCode, output: `${stdout}\n${stderr}` });
        const command = DAEMONS[daemon].argv.slice(0, 2).join(' ');
        return {
          findings: found ?? [],
          unknown: found ? [] : [`${command} ended on ${node.id} without an answer: unknown.`],
        };
      }),
    ),
  );
  return {
    findings: asked.flatMap(({ findings }) => findings),
    unknown: asked.flatMap(({ unknown }) => unknown),
  };
}
