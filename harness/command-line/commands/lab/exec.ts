import { once } from 'node:events';
import { closest } from 'fastest-levenshtein';
import { type Engine, findEngine } from '../../../lab/engine/engine.ts';
import { UsageError } from '../../../usage-error.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { chooseLab, labName, nodeName, runningLabs } from '../../running-labs.ts';

export function register(lab: TestbedCommand, { finish }: Running): void {
  lab
    .command('exec')
    .description('Runs a command in a node of a lab.')
    .argument('<node>', 'amphora-1, amphora-2, client, router, switch or backend-1 and so on.')
    .argument('[command...]', 'The command and its arguments, after --.')
    .addOption(labName())
    .example('npm run lab -- exec amphora-1 -- journalctl -u octavia-keepalived')
    .action(async (node, command, options) => finish(await labExec(node, command, options)));
}

/** `lab exec`: a command in an amphora or in one of the fabric's namespaces. */
async function labExec(
  node: string,
  command: readonly string[],
  options: { readonly lab?: string },
): Promise<number> {
  if (command.length === 0) throw new UsageError('lab exec takes a node and, after --, a command.');
  const engine = await findEngine();
  const containers = chooseLab(await runningLabs(engine), options.lab);
  const amphorae = containers
    .map(nodeName)
    .filter((name) => name !== 'fabric')
    .sort();
  const namespaces = ['switch', 'router', 'backend-1', 'backend-2'];
  const inFabric = node === 'client' || /^(switch|router|backend-\d+)$/.test(node);
  if (!inFabric && !amphorae.includes(node)) {
    const known = [...amphorae, 'client', ...namespaces];
    throw new UsageError(
      `There is no node "${node}"; the nearest is ${closest(node, known)}, and there are ${known.join(', ')}.`,
    );
  }
  const container = containers.find((entry) => nodeName(entry) === (inFabric ? 'fabric' : node));
  if (!container) throw new UsageError(`The lab's ${node} is not running.`);
  const argv = inFabric && node !== 'client' ? ['ip', 'netns', 'exec', node, ...command] : [...command];
  return attached(engine, container.Id, argv);
}

/** The caller's standard input goes to the command, and ends with it. */
async function attached(engine: Engine, containerId: string, argv: string[]): Promise<number> {
  const terminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  const execution = await engine.docker.getContainer(containerId).exec({
    Cmd: argv,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: terminal,
  });
  const stream = await execution.start({ hijack: true, stdin: true, Tty: terminal });
  const ended = once(stream, 'close');
  if (terminal) {
    process.stdin.setRawMode(true);
    stream.pipe(process.stdout);
  } else {
    engine.docker.modem.demuxStream(stream, process.stdout, process.stderr);
    stream.resume();
  }
  process.stdin.pipe(stream);
  await ended;
  if (terminal) process.stdin.setRawMode(false);
  process.stdin.unpipe(stream).destroy();
  const { ExitCode } = await execution.inspect();
  return ExitCode ?? EXIT.failed;
}
