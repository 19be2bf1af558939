import { once } from 'node:events';
import type { WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { findEngine } from '../../../lab/engine/engine.ts';
import { UsageError } from '../../../usage-error.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { fromUser } from '../../places.ts';
import { chooseLab, labName, nodeName, runningLabs } from '../../running-labs.ts';

export function register(lab: TestbedCommand, { finish, signal }: Running): void {
  lab
    .command('capture')
    .description("Writes the frames at the switch's ports to a file, in pcap, until Ctrl-C.")
    .argument('<file>', 'The file; - is standard output.')
    .addOption(labName())
    .example('npm run lab -- capture lab.pcap')
    .action(async (file, options) => finish(await labCapture(file, options, signal)));
}

/** Ends with its standard input: an engine does not end a command whose client has gone. */
const CAPTURE = [
  'ip netns exec switch tcpdump --interface=any --immediate-mode --packet-buffered --time-stamp-precision=nano -n -w - &',
  'cat > /dev/null; kill $!; wait',
].join('\n');

/** `lab capture`: writes the frames at the ports of a lab's switch, in pcap, until Ctrl-C; `-` is standard output. */
async function labCapture(
  file: string,
  options: { readonly lab?: string },
  signal: AbortSignal,
): Promise<number> {
  const engine = await findEngine();
  const containers = chooseLab(await runningLabs(engine), options.lab);
  const fabric = containers.find((entry) => nodeName(entry) === 'fabric');
  if (!fabric) throw new UsageError("The lab's fabric is not running.");
  const execution = await engine.docker.getContainer(fabric.Id).exec({
    Cmd: ['sh', '-c', CAPTURE],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  const out = file === '-' ? process.stdout : await writable(fromUser(file));
  const stream = await execution.start({ hijack: true, stdin: true });
  engine.docker.modem.demuxStream(stream, out, process.stderr);
  process.stderr.write('capturing until Ctrl-C\n');
  signal.addEventListener('abort', () => stream.end(), { once: true });
  // A write error ends the capture.
  const [written] = await Promise.allSettled([
    out === process.stdout ? undefined : finished(out).finally(() => stream.end()),
    once(stream, 'close').finally(() => out !== process.stdout && out.end()),
  ]);
  if (written.status === 'rejected') throw written.reason;
  return EXIT.ok;
}

async function writable(path: string): Promise<WriteStream> {
  const file = await open(path, 'w').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `lab capture takes a file that can be written, or -; found "${path}" (${error.code}).`,
    );
  });
  return file.createWriteStream();
}
