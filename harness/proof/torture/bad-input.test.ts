import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { readMachines } from '../../../src/controller/machines.ts';
import { parseLoadBalancer } from '../../../src/domain/api/parse.ts';
import { InvalidLoadBalancer } from '../../../src/domain/schema/invalid.ts';
import { AgentClient, AgentRefused, AmphoraUnreachable } from '../../../src/driver/client.ts';
import { createIdentity } from '../../../src/flows/certificate-authority.ts';
import { encodeHeartbeat } from '../../../src/health/encode-heartbeat.ts';
import { decodeHeartbeat, NoHeartbeat } from '../../../src/health/message.ts';
import { commandsOf } from '../../command-line/command.ts';
import { EXIT, explain } from '../../command-line/errors.ts';
import { program } from '../../command-line/program.ts';
import { entryOf } from '../../compare/history/entry.ts';
import { fromJsonLines } from '../../compare/history/json-lines.ts';
import { defaultLoadBalancer } from '../../lab/load-balancer.ts';
import { decodeFrame } from '../../observations/frame.ts';
import { readBackground } from '../../report/content/background.ts';
import { type Result, readResult, SCHEMA_VERSION } from '../../result/result.ts';
import { readNightState } from '../../run/night/night-state.ts';
import { parseParameters } from '../../scenario/parameters.ts';
import { UsageError } from '../../usage-error.ts';

/** Printed by fast-check when a property fails; another one is set by FC_SEED. */
const seed = Number(process.env.FC_SEED ?? 20_260_101);
const SENTENCE_LENGTH_MAX = 2000;

/** How often each kind of input is made; README and issue speak of their sum. */
const TRIED = {
  options: 3000,
  parameters: 2000,
  loadBalancers: 2500,
  files: 1500,
  frames: 1500,
  answers: 100,
  heartbeats: 1000,
} as const;

/** Whether what is printed for an error is a sentence, and not a stack trace. */
function isSentence(error: unknown, code: number): boolean {
  const { code: found, sentence = '' } = explain(error);
  return (
    found === code &&
    sentence.length > 0 &&
    sentence.length < SENTENCE_LENGTH_MAX &&
    !/\n\s+at /.test(sentence) &&
    !sentence.includes('[object Object]')
  );
}

const key = fc.oneof(
  fc.constantFrom(
    'advert_int',
    'check_interval',
    'vrrp_version',
    'profile',
    'fail_count',
    'garp_refresh_count',
  ),
  fc.string({ unit: 'binary' }),
);
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double().map(String),
  fc.constantFrom('', '-0', '1e309', 'NaN', '0x10', '1_000', '__proto__', '2\n', ' 3', '٣'),
);

test('--set: whatever is given is taken or refused with one sentence', (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.tuple(key, value).map((pair) => pair.join('=')),
          key,
        ),
        { maxLength: 4 },
      ),
      (pairs) => {
        try {
          const parsed = parseParameters(pairs);
          return parsed.advert_int >= 0.01 && parsed.advert_int <= 255;
        } catch (error) {
          return error instanceof UsageError && isSentence(error, EXIT.usage);
        }
      },
    ),
    { numRuns: TRIED.parameters, seed },
  );
  t.pass();
});

test('every option that is parsed: whatever is given is taken or refused with one sentence', async (t) => {
  const cli = await program({ finish() {}, signal: AbortSignal.abort() });
  const parsed = commandsOf(cli).flatMap(({ path, command }) =>
    command.options.flatMap(({ long, parseArg, defaultValue }) =>
      parseArg ? [{ name: `${path} ${long}`, parse: (text: string) => parseArg(text, defaultValue) }] : [],
    ),
  );
  t.true(parsed.length > 25, `${parsed.length} options are parsed`);
  const given = fc.oneof(
    value,
    fc.nat().map(String),
    fc.constantFrom('1e3', '9'.repeat(30), '500ms', '90m', '2h', '1 h', '9999h'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...parsed), given, ({ parse }, text) => {
      try {
        const taken = parse(text);
        return typeof taken !== 'number' || Number.isFinite(taken);
      } catch (error) {
        const refused = error instanceof InvalidArgumentError || error instanceof UsageError;
        return refused && /^[^\n]+\.$/.test(error.message);
      }
    }),
    { numRuns: TRIED.options, seed },
  );
});

/** A value somewhere in a document is replaced by another, or is gone. */
const mutation = fc.record({
  at: fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }),
  to: fc.jsonValue(),
  gone: fc.boolean(),
});
function mutated(
  document: unknown,
  { at, to, gone }: { at: readonly number[]; to: unknown; gone: boolean },
): unknown {
  const copy = structuredClone(document) as Record<string, unknown>;
  let place = copy;
  for (const [depth, index] of at.entries()) {
    const names = Object.keys(place);
    const name = names[index % Math.max(1, names.length)];
    if (name === undefined) break;
    const next = place[name];
    if (depth < at.length - 1 && typeof next === 'object' && next !== null) {
      place = next as Record<string, unknown>;
      continue;
    }
    if (gone) delete place[name];
    else place[name] = to;
    break;
  }
  return copy;
}

test('a load balancer that is none, or nearly one, is refused with one sentence', (t) => {
  const whole = JSON.parse(JSON.stringify(defaultLoadBalancer())) as unknown;
  const plain = {
    name: 'lb1',
    vip_address: '172.16.1.10',
    listeners: [
      {
        protocol: 'HTTP',
        protocol_port: 80,
        default_pool: { protocol: 'HTTP', members: [{ address: '172.16.1.101', protocol_port: 80 }] },
        l7policies: [{ action: 'REJECT', rules: [{ type: 'PATH', compare_type: 'EQUAL_TO', value: '/x' }] }],
      },
    ],
  };
  const document = fc.oneof(
    fc.jsonValue(),
    mutation.map((change) => mutated(plain, change)),
    mutation.map((change) => mutated(whole, change)),
  );
  let refused = 0;
  fc.assert(
    fc.property(document, (json) => {
      try {
        parseLoadBalancer(json);
        return true;
      } catch (error) {
        refused++;
        return error instanceof InvalidLoadBalancer && isSentence(error, EXIT.usage);
      }
    }),
    { numRuns: TRIED.loadBalancers, seed },
  );
  t.log(`${refused} of ${TRIED.loadBalancers} refused`);
  t.true(refused > TRIED.loadBalancers / 4);
});

const RESULT: Result = {
  schemaVersion: SCHEMA_VERSION,
  ...{ id: 'x', startedAt: '2026-01-01T00:00:00Z', durationMs: 1 },
  ...{ command: 'npm run scenario', seed: 1, scenarios: [] },
  environment: { engine: 'e', kernel: 'k', cpus: 1, versions: {}, fingerprint: 'f' },
};
/** What we read from a folder, each with a document that it may hold. */
const FILES = [
  { name: 'result.json', document: RESULT, read: readResult },
  { name: 'background.json', document: { changes: [], trend: [] }, read: readBackground },
  {
    name: 'night.json',
    document: {
      ...{
        stateVersion: 1,
        id: 'night-1',
        startedAt: '2026-01-01T00:00:00Z',
        command: 'npm run nightly',
        seed: 1,
      },
      ...{
        set: [],
        scenarios: ['master-kill'],
        budgetMs: 1,
        spentMs: 0,
        baseline: 'rolling',
        minimumEffectMs: 50,
      },
      ...{ mixed: false, reuse: false, confirmation: {}, done: false },
    },
    read: readNightState,
  },
  {
    name: 'history.jsonl',
    document: entryOf(RESULT),
    read: async (folder: string) =>
      fromJsonLines(await readFile(join(folder, 'history.jsonl'), 'utf8'), 'history'),
  },
  {
    name: 'machines.json',
    document: {
      tls: { ca: 'ca.pem', cert: 'client.pem', key: 'client.key' },
      subnet: { cidr: '172.16.1.0/24', gateway_ip: '172.16.1.1' },
      machines: [],
    },
    read: (folder: string) => readMachines(join(folder, 'machines.json')),
  },
];

test('a file that is damaged or cut off is refused with one sentence', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-test-'));
  const input = fc.constantFrom(...FILES).chain(({ name, document, read }) => {
    const text = JSON.stringify(document);
    return fc.record({
      name: fc.constant(name),
      read: fc.constant(read),
      bytes: fc.oneof(
        fc.nat(text.length - 1).map((length) => Buffer.from(text.slice(0, length))),
        mutation.map((change) => Buffer.from(JSON.stringify(mutated(document, change)))),
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.json().map((json) => Buffer.from(json)),
      ),
    });
  });
  try {
    await fc.assert(
      fc.asyncProperty(input, async ({ name, read, bytes }) => {
        await writeFile(join(folder, name), bytes);
        try {
          await read(folder);
          return true;
        } catch (error) {
          return isSentence(error, EXIT.usage);
        }
      }),
      { numRuns: TRIED.files, seed },
    );
    t.pass();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a captured packet that is forged or cut off is left out, or decoded; it never ends a run', (t) => {
  const etherType = fc.constantFrom(0x0800, 0x0806, 0x86dd, 0x8100, 0);
  const payload = fc.uint8Array({ maxLength: 120 });
  fc.assert(
    fc.property(etherType, payload, fc.nat(120), (type, bytes, length) => {
      const data = Buffer.alloc(20 + bytes.length);
      data.writeUInt16BE(type, 0);
      data.writeUInt32BE(7, 4);
      data.set(bytes, 20);
      const packet = { atNs: 1n, data: data.subarray(0, length), originalLength: data.length };
      const decoded = decodeFrame(packet, () => 'amphora-1');
      return decoded === undefined || decoded.port === 'amphora-1';
    }),
    { numRuns: TRIED.frames, seed },
  );
  t.pass();
});

test('a heartbeat that is forged or cut off is refused', (t) => {
  const heartbeat = encodeHeartbeat({ id: 'a', seq: 1, ver: 3, listeners: {}, pools: {} }, 'key');
  const forged = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.nat(heartbeat.length - 1).map((length) => heartbeat.subarray(0, length)),
    fc.tuple(fc.nat(heartbeat.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
      const copy = Buffer.from(heartbeat);
      copy.writeUInt8(copy.readUInt8(at) ^ flip, at);
      return copy;
    }),
    fc.jsonValue().map((json) => encodeHeartbeat(json as never, 'key')),
    fc.constant(encodeHeartbeat({ id: 'a', seq: 1, ver: 3, listeners: {}, pools: {} }, 'another key')),
  );
  fc.assert(
    fc.property(forged, (datagram) => {
      try {
        // A digit of the HMAC may be flipped from a to A: that is the same HMAC.
        return decodeHeartbeat(datagram, 'key').id === 'a';
      } catch (error) {
        return error instanceof NoHeartbeat && isSentence(error, EXIT.failed);
      }
    }),
    { numRuns: TRIED.heartbeats, seed },
  );
  t.pass();
});

test('an agent that answers garbage is refused with one sentence, and in time', async (t) => {
  const identity = await createIdentity();
  const name = '36b19e0e-4be6-4b7b-9fdd-6b5b0c7a5f0f';
  const { cert, key: serverKey } = await identity.serverAuthority.issue(name, 'server');
  let garbage = { status: 200, type: '', body: Buffer.alloc(0), cut: false };
  const server = createServer(
    { cert, key: serverKey, ca: identity.clientAuthority.certificate, requestCert: true },
    (request, answer) => {
      request.resume();
      if (garbage.cut) {
        answer.writeHead(garbage.status, { 'content-length': garbage.body.length + 1 });
        answer.write(garbage.body, () => request.socket.destroy());
        return;
      }
      answer.writeHead(garbage.status, { 'content-type': garbage.type }).end(garbage.body);
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await using client = new AgentClient(
    { id: name, agent_url: `https://127.0.0.1:${port}` },
    identity.credentials,
  );
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          status: fc.integer({ min: 200, max: 599 }).filter((status) => ![204, 205, 304].includes(status)),
          type: fc.constantFrom('application/json', 'text/plain', 'text/html', 'x'),
          body: fc
            .oneof(
              fc.uint8Array(),
              fc.json().map((json) => Buffer.from(json)),
            )
            .map((bytes) => Buffer.from(bytes)),
          cut: fc.boolean(),
        }),
        async (answer) => {
          garbage = answer;
          try {
            await client.call('GET', '/1.0/info', undefined, { attempts: 1, intervalMs: 1 });
            return answer.status < 400;
          } catch (error) {
            const known = error instanceof AgentRefused || error instanceof AmphoraUnreachable;
            return known && isSentence(error, EXIT.failed);
          }
        },
      ),
      { numRuns: TRIED.answers, seed, timeout: 5000 },
    );
    t.pass();
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('at least five thousand inputs are tried', (t) => {
  const total = Object.values(TRIED).reduce((sum, count) => sum + count, 0);
  t.log(`${total} inputs`);
  t.true(total >= 5000);
});
