import { once } from 'node:events';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import type { TableObservation } from '../../observations/observation.ts';
import { RealtimeClock } from './clock.ts';
import { watchTables } from './tables.ts';

/** Speaks as HAProxy 2.6 does at its stats socket. */
class Answering implements AsyncDisposable {
  tables: Record<string, number>;
  looks = 0;
  connections = 0;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #asked = Promise.withResolvers<void>();

  private constructor(tables: Record<string, number>) {
    this.tables = tables;
    this.#server = createServer((socket) => {
      this.connections++;
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
      createInterface({ input: socket }).on('line', (line) => {
        if (line === 'show table') {
          this.looks++;
          this.#asked.resolve();
        }
        const lines = Object.entries(this.tables).map(
          ([name, used]) => `# table: ${name}, type: ip, size:10240, used:${used}\n`,
        );
        socket.write(line === 'prompt' ? '\n> ' : `${lines.join('')}\n> `);
      });
    });
  }

  static async at(path: string, tables: Record<string, number>): Promise<Answering> {
    const answering = new Answering(tables);
    answering.#server.listen(path);
    await once(answering.#server, 'listening');
    return answering;
  }

  /** Resolves once it was asked for its tables. */
  asked(): Promise<void> {
    return this.#asked.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

interface Watched extends Disposable {
  /** The next change of a table to this many entries. */
  until(table: string, entries: number): Promise<TableObservation>;
}

function watched(socket: string): Watched {
  const output = new PassThrough();
  const seen: TableObservation[] = [];
  const containers = new Map([['c1', { node: 'amphora-1', pid: process.pid, containerId: 'c1' }]]);
  watchTables({ socket, intervalMs: 2 }, containers, new RealtimeClock(), output);
  const lines = createInterface({ input: output });
  lines.on('line', (line) => seen.push(JSON.parse(line) as TableObservation));
  return {
    until: async (table, entries) => {
      for (;;) {
        while (seen.length > 0) {
          const look = seen.shift();
          if (look?.table === table && look.entries === entries) return look;
        }
        await once(lines, 'line');
      }
    },
    [Symbol.dispose]: () => output.destroy(),
  };
}

/** Where a HAProxy may listen during a test. */
async function newSocket(t: ExecutionContext): Promise<string> {
  t.timeout(10_000);
  const folder = await mkdtemp(join(tmpdir(), 'tables-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return join(folder, 'haproxy.sock');
}

test('tables are followed over one connection, and each change has its instants', async (t) => {
  const path = await newSocket(t);
  await using haproxy = await Answering.at(path, { one: 0, two: 3 });
  using watch = watched(path);
  await watch.until('one', 0);
  const beforeMs = Date.now();
  haproxy.tables = { one: 7, two: 3 };
  const look = await watch.until('one', 7);
  t.is(look.node, 'amphora-1');
  t.true(Number(BigInt(look.atNs) / 1_000_000n) >= beforeMs);
  t.true(BigInt(look.sinceNs) < BigInt(look.atNs));
  // The look before was asked for before the change, or the number would have been there already.
  t.true(Number(BigInt(look.sinceNs) / 1_000_000n) <= beforeMs);
  await watch.until('two', 3);
  t.true(haproxy.looks > 3);
  t.is(haproxy.connections, 1);
});

test('one that ends holds nothing any more, and its successor is followed', async (t) => {
  const path = await newSocket(t);
  using watch = watched(path);
  {
    await using _first = await Answering.at(path, { one: 5 });
    await watch.until('one', 5);
  }
  await watch.until('one', 0);
  await using _second = await Answering.at(path, { one: 6 });
  await watch.until('one', 6);
  t.pass();
});

test('entries of a successor may be there since its predecessor was seen last', async (t) => {
  const path = await newSocket(t);
  await using first = await Answering.at(path, {});
  await using _second = await Answering.at(`${path}.new`, { one: 5 });
  using watch = watched(path);
  await first.asked();
  // As at a reload: the first one still answers who is connected to it.
  await rename(`${path}.new`, path);
  const afterNs = BigInt(Date.now() + 1) * 1_000_000n;
  const look = await watch.until('one', 5);
  t.true(BigInt(look.sinceNs) <= afterNs);
});
