/**
 * The fabric: the process in the container that owns a lab's network. Its own network namespace is the
 * lab's client; switch, router and back ends are named namespaces beside it. It executes the harness's
 * requests over its standard streams, and destroys the lab when these end: the dead-man's switch.
 */

import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import { connect, isIPv6, type Socket } from 'node:net';
import { availableParallelism, release } from 'node:os';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { hardFileLimitIn } from '../../../src/domain/file-limit.ts';
import { streamPair } from '../../streams/stream-pair.ts';
import { instant, RealtimeClock } from './clock.ts';
import { FABRIC, type Place } from './found-processes.ts';
import { hold } from './held-connections.ts';
import { keepalivedDump } from './keepalived-dump.ts';
import { load } from './load.ts';
import { readIn, removeIn, rootOf } from './machine-files.ts';
import { untilHearing } from './netlink-listener.ts';
import { probePackets } from './packets.ts';
import { probe } from './prober.ts';
import {
  BACK_ENDS_PID,
  COMPLAINT,
  type DatagramsRequest,
  FIRST_WITHIN,
  type GuardRequest,
  type HoldRequest,
  type HostLimits,
  type KeepalivedRequest,
  NEVER_HEARD,
  PATHS,
  type PacketsRequest,
  type ProbeRequest,
  type StallsRequest,
  type Step,
  type StepResult,
  type StepsRequest,
  type StreamRequest,
  type TablesRequest,
} from './protocol.ts';
import { readAhead } from './read-ahead.ts';
import { watchStalls } from './stalls.ts';
import { startProgram } from './start-program.ts';
import { watchTables } from './tables.ts';
import { watchWaits } from './waits.ts';

/** How long a killed process may take to end; a longer wait has another cause. */
const END_LIMIT_MS = 2000;
/** Between two looks whether somebody listens by now. */
const CONNECT_AGAIN_MS = 5;
const clock = new RealtimeClock();
const guarded = new Map<string, GuardRequest>();

/** The fabric's own processes: this one, and the back ends, which went to the background. */
function ownPlaces(): readonly Place[] {
  const own = { node: FABRIC, pid: process.pid };
  try {
    return [own, { node: FABRIC, pid: Number(readFileSync(BACK_ENDS_PID, 'latin1')) }];
  } catch {
    // There are none yet.
    return [own];
  }
}

function guard(request: GuardRequest): void {
  // The others are of the same image, and what boots again has been read before.
  if (guarded.size === 0) readAhead(request.pid).catch(() => {});
  guarded.set(request.containerId, request);
}

async function runStep(step: Step, atNs?: bigint): Promise<StepResult> {
  if ('signal' in step) {
    if (atNs !== undefined) await instant(clock, atNs);
    return atOnce(() => process.kill(step.pid, step.signal));
  }
  if ('file' in step) return atOnce(() => writeFileSync(step.file, step.content));
  if ('read' in step) return atOnce(() => readIn(rootOf(step.machine), step.read));
  if ('remove' in step) return atOnce(() => removeIn(rootOf(step.machine), step.remove));
  if ('ended' in step) {
    const startedNs = clock.nowNs();
    const untilNs = startedNs + BigInt(END_LIMIT_MS) * 1_000_000n;
    while (alive(step.ended) && clock.nowNs() < untilNs) await delay(1);
    return outcome(startedNs, 0, '', '');
  }
  // A program that reads its work from its input waits there; another one is held by a shell that waits for a line.
  const held = atNs !== undefined && step.stdin === undefined;
  const [program = '', ...args] = held
    ? ['sh', '-c', 'read -r _ && exec "$@"', 'sh', ...step.argv]
    : step.argv;
  const { promise, resolve } = Promise.withResolvers<StepResult>();
  let startedNs = clock.nowNs();
  const hasInput = held || step.stdin !== undefined;
  const child = startProgram(program, args, { stdio: [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.on('error', (error) => resolve(outcome(startedNs, 127, stdout, String(error))));
  child.on('close', (code) => resolve(outcome(startedNs, code ?? 128, stdout, stderr)));
  child.stdin?.on('error', () => {});
  if (atNs !== undefined) {
    await instant(clock, atNs);
    startedNs = clock.nowNs();
  }
  child.stdin?.end(held ? '\n' : (step.stdin ?? ''));
  return promise;
}

/** What needs no program. */
function atOnce(act: () => unknown): StepResult {
  const startedNs = clock.nowNs();
  try {
    const read = act();
    return outcome(startedNs, 0, typeof read === 'string' ? read : '', '');
  } catch (error) {
    return outcome(startedNs, 1, '', String(error));
  }
}

/** A first process of a pid namespace is no zombie before all others there have ended (pid_namespaces(7)). */
function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function outcome(startedNs: bigint, exitCode: number, stdout: string, stderr: string): StepResult {
  return { exitCode, stdout, stderr, startedNs: String(startedNs), doneNs: String(clock.nowNs()) };
}

async function run(request: StepsRequest): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const [n, step] of request.steps.entries()) {
    const atNs = n === 0 && request.atNs !== undefined ? BigInt(request.atNs) : undefined;
    const result = await runStep(step, atNs);
    results.push(result);
    if (result.exitCode !== 0) break;
  }
  return results;
}

function stream(request: StreamRequest, answer: http2.ServerHttp2Stream): void {
  const [program = '', ...args] = request.argv;
  const child = startProgram(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  const begin = (status: number) => {
    if (!answer.headersSent && !answer.destroyed) {
      answer.respond({ ':status': status }, { waitForTrailers: true });
    }
  };
  answer.on('wantTrailers', () => answer.sendTrailers({ [COMPLAINT]: encodeURIComponent(complaint) }));
  child.stderr.setEncoding('utf8').on('data', (text) => (complaint = `${complaint}${text}`.slice(-2000)));
  child.stdout.on('data', (chunk) => {
    begin(200);
    if (answer.writable) answer.write(chunk);
  });
  child.on('error', (error) => answer.destroy(error));
  child.on('close', () => {
    begin(NEVER_HEARD);
    answer.end();
  });
  if (!request.hears) begin(200);
  else if (child.pid !== undefined) untilHearing(child.pid).then((hears) => hears && begin(200));
  const end = () => {
    // A process that outlives the program and still writes for it ends with its next line.
    child.stdout.destroy();
    child.kill('SIGTERM');
  };
  answer.on('close', end);
  answer.on('error', end);
}

/** Where somebody has listened. */
const reached = new Set<string>();

/** @param untilMs until then, who does not listen yet is waited for */
function tunnel(authority: string, answer: http2.ServerHttp2Stream, untilMs: number): void {
  const { hostname, port } = new URL(`tcp://${authority}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  let socket: Socket | undefined;
  const end = () => socket?.destroy();
  answer.on('error', end);
  answer.on('close', end);
  const open = () => {
    if (answer.destroyed) return;
    const opened = connect({ host, port: Number(port), noDelay: true });
    socket = opened;
    opened.on('connect', () => {
      reached.add(authority);
      answer.respond({ ':status': 200 });
      answer.pipe(opened).pipe(answer);
    });
    opened.on('error', (error: NodeJS.ErrnoException) => {
      if (answer.headersSent || answer.destroyed) answer.destroy();
      else if (error.code === 'ECONNREFUSED' && performance.now() < untilMs) {
        setTimeout(open, CONNECT_AGAIN_MS);
      } else {
        answer.respond({ ':status': 502 });
        answer.end(error.code ?? error.message);
      }
    });
  };
  open();
}

function datagrams({ host, port }: DatagramsRequest, answer: http2.ServerHttp2Stream): void {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.on('error', (error) => answer.destroy(error));
  socket.on('message', (datagram) => answer.writable && answer.write(`${datagram.toString('base64')}\n`));
  socket.bind(port, host, () => answer.respond({ ':status': 200 }));
  answer.on('close', () => socket.close());
}

function hostLimits(): HostLimits {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return {
    hardFileLimit: hardFileLimitIn(limits) ?? 1024,
    kernel: release(),
    cpus: availableParallelism(),
  };
}

/** All that this process starts has it in its environment, also what went to the background. */
const STARTED_BY = `AMPHORA_TESTBED_FABRIC=${randomUUID()}`;

/**
 * Kills what is guarded, if the process is still the container's: its engine then removes the container. Then what was
 * started here: this container has the host's processes, so its end ends no other, and not every engine looks for them.
 */
function destroyLab(): never {
  for (const { pid, containerId } of guarded.values()) {
    try {
      if (readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(containerId)) process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
  for (const pid of readdirSync('/proc').map(Number).filter(Boolean)) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'latin1').includes(STARTED_BY)) process.kill(pid, 'SIGKILL');
    } catch {
      // Somebody else's, or gone already.
    }
  }
  process.exit(0);
}

async function answerTo(answer: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): Promise<void> {
  if (headers[':method'] === 'CONNECT') {
    const authority = String(headers[':authority']);
    const patienceMs = reached.has(authority) ? 0 : Number(headers[FIRST_WITHIN] ?? 0);
    return tunnel(authority, answer, performance.now() + patienceMs);
  }
  const body = await json(answer);
  const reply = (value: unknown) => {
    answer.respond({ ':status': 200, 'content-type': 'application/json' });
    answer.end(JSON.stringify(value));
  };
  const streamed = () => {
    answer.respond({ ':status': 200 });
    return answer;
  };
  switch (headers[':path']) {
    case PATHS.run:
      return reply(await run(body as StepsRequest));
    case PATHS.stream:
      return stream(body as StreamRequest, answer);
    case PATHS.probe:
      return probe(body as ProbeRequest, clock, streamed());
    case PATHS.packets:
      return probePackets(body as PacketsRequest, clock, streamed());
    case PATHS.datagrams:
      return datagrams(body as DatagramsRequest, answer);
    case PATHS.hold:
      return hold(body as HoldRequest, clock, streamed());
    case PATHS.tables:
      return watchTables(body as TablesRequest, guarded, clock, streamed());
    case PATHS.stalls:
      return watchStalls(body as StallsRequest, clock, streamed());
    case PATHS.waits:
      return watchWaits(() => [...ownPlaces(), ...guarded.values()], clock, streamed());
    case PATHS.keepalived:
      return reply((await keepalivedDump(body as KeepalivedRequest)) ?? null);
    case PATHS.load:
      return reply(load());
    case PATHS.guard:
      guard(body as GuardRequest);
      return reply({});
    case PATHS.host:
      return reply(hostLimits());
    default:
      answer.respond({ ':status': 404 });
      answer.end();
  }
}

const [name = '', mark] = STARTED_BY.split('=');
process.env[name] = mark;
const server = http2.createServer();
server.on('stream', (answer, headers) => {
  answer.on('error', () => {});
  answerTo(answer, headers).catch((error: unknown) => {
    if (!answer.destroyed) answer.destroy(error instanceof Error ? error : undefined);
  });
});
const harness = streamPair(process.stdin, process.stdout);
harness.on('close', destroyLab);
harness.on('error', destroyLab);
process.stdin.on('end', destroyLab);
process.on('SIGTERM', destroyLab);
server.emit('connection', harness);
