import { once } from 'node:events';
import type { WriteStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { closest } from 'fastest-levenshtein';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { ourContainers, removeContainer } from '../engine/containers.ts';
import { type Engine, findEngine } from '../engine/engine.ts';
import { LABEL } from '../engine/labels.ts';
import { reapFolder } from '../engine/reaper.ts';
import { backEndsFor } from '../lab/backends.ts';
import { Lab } from '../lab/lab.ts';
import { defaultLoadBalancer, readLoadBalancer } from '../lab/load-balancer.ts';
import { untilServed } from '../lab/service.ts';
import { labPlan } from '../lab/subnets.ts';
import { UsageError } from '../scenario/parameters.ts';
import { EXIT } from './errors.ts';
import { fromUser } from './places.ts';
import { workbench } from './workbench.ts';

const SERVICE_LIMIT_MS = 30_000;

/** `lab up`: a lab that stays until Ctrl-C. */
export async function labUp(
  options: { readonly json?: boolean; readonly loadBalancer?: string; readonly image?: string },
  signal: AbortSignal,
): Promise<number> {
  const loadBalancer = options.loadBalancer
    ? await readLoadBalancer(fromUser(options.loadBalancer))
    : defaultLoadBalancer();
  // Refused before an engine is looked for.
  labPlan(loadBalancer);
  backEndsFor(loadBalancer.pools);
  const { engine, images } = await workbench(options.image);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say(engine.describe());
  await using lab = await Lab.create({
    engine,
    images,
    loadBalancer,
    settings: DEFAULT_SETTINGS,
    onTask: ({ name, durationMs }) => say(`${name} ${durationMs.toFixed(0)} ms`),
  });
  signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-'));
  reapFolder(folder);
  try {
    const { ca, cert, key } = lab.credentials;
    const paths = {
      ca: join(folder, 'ca.pem'),
      cert: join(folder, 'client.pem'),
      key: join(folder, 'client.key'),
    };
    await Promise.all([
      writeFile(paths.ca, ca),
      writeFile(paths.cert, cert),
      writeFile(paths.key, key, { mode: 0o600 }),
    ]);
    const [listener] = loadBalancer.listeners;
    const forward = listener && (await lab.forwardVip(listener.protocol_port));
    const scheme = listener?.protocol === 'HTTP' ? 'http' : listener?.protocol === 'TCP' ? 'tcp' : 'https';
    const url = forward && `${scheme}://127.0.0.1:${forward.port}`;
    if (url && scheme === 'http') await untilServed(url, SERVICE_LIMIT_MS, { signal });
    const description = {
      name: lab.name,
      amphorae: lab.amphorae.map((amphora) => ({
        id: amphora.id,
        role: amphora.role,
        container: amphora.instance.containerName,
        vrrpIp: amphora.vrrp_ip,
        agent: { url: amphora.agent_url, ...paths },
      })),
      vip: { url: url ?? null },
    };
    if (options.json) process.stdout.write(`${JSON.stringify(description)}\n`);
    else process.stdout.write(forPeople(description));
    await untilEnd(lab, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

function forPeople(lab: {
  name: string;
  amphorae: readonly {
    id: string;
    role: string;
    container: string;
    agent: { url: string; ca: string; cert: string; key: string };
  }[];
  vip: { url: string | null };
}): string {
  return [
    `lab ${lab.name} is up; Ctrl-C ends it`,
    ...lab.amphorae.flatMap(({ id, role, container, agent }) => [
      `  ${role} amphora ${id}, container ${container}`,
      `    curl --connect-to ${id}:443:${new URL(agent.url).host} --cacert ${agent.ca} --cert ${agent.cert} --key ${agent.key} https://${id}/1.0/info`,
    ]),
    `  VIP, as the client sees it: ${lab.vip.url ?? 'no listener'}`,
    `  npm run lab -- exec amphora-1 -- journalctl -u octavia-keepalived`,
    '',
  ].join('\n');
}

async function untilEnd(lab: Lab, signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, 60_000);
  try {
    await Promise.race([signal.aborted ? undefined : once(signal, 'abort'), lab.fabric.ended]);
  } finally {
    clearInterval(alive);
  }
}

/** `lab list`: the labs of this checkout. */
export async function labList(): Promise<number> {
  const labs = await runningLabs(await findEngine());
  for (const [name, containers] of labs)
    process.stdout.write(`${name}\t${containers.map(nodeName).sort().join(' ')}\n`);
  return EXIT.ok;
}

/** `lab down`: ends labs by their names, or the only one. */
export async function labDown(name: string | undefined): Promise<number> {
  const engine = await findEngine();
  const containers = chooseLab(await runningLabs(engine), name);
  await Promise.all(containers.map(({ Id }) => removeContainer(engine, Id)));
  return EXIT.ok;
}

/** `lab exec`: a command in an amphora or in one of the fabric's namespaces. */
export async function labExec(
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

/** Ends with its standard input: an engine does not end what it runs when nobody listens any longer. */
const CAPTURE = [
  'ip netns exec switch tcpdump --interface=any --immediate-mode --packet-buffered --time-stamp-precision=nano -n -w - &',
  'cat > /dev/null; kill $!; wait',
].join('\n');

/** `lab capture`: what passes the ports of a lab's switch, in pcap, until Ctrl-C; `-` is standard output. */
export async function labCapture(
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
  // What cannot be written ends the capture.
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

type Containers = Awaited<ReturnType<typeof ourContainers>>;

async function runningLabs(engine: Engine): Promise<ReadonlyMap<string, Containers>> {
  const running = (await ourContainers(engine)).filter(({ State }) => State === 'running');
  return Map.groupBy(running, ({ Labels }) => Labels[LABEL.lab] ?? '');
}

function chooseLab(labs: ReadonlyMap<string, Containers>, name: string | undefined): Containers {
  const names = [...labs.keys()];
  if (names.length === 0) throw new UsageError('No lab is up: start one with `npm run lab -- up`.');
  if (name === undefined && names.length > 1)
    throw new UsageError(`Several labs are up; name one of ${names.join(', ')}.`);
  const chosen = labs.get(name ?? names[0] ?? '');
  if (!chosen)
    throw new UsageError(`There is no lab "${name}"; the nearest is ${closest(name ?? '', names)}.`);
  return chosen;
}

function nodeName({ Names, Labels }: Containers[number]): string {
  const name = Names[0]?.replace(/^\//, '') ?? '';
  return name.replace(`${Labels[LABEL.lab]}-`, '');
}
