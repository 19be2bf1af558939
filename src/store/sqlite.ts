import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Deployment } from '../domain/deployment.ts';
import type { FlowRequest } from '../domain/flow-request.ts';
import type { JournalledFlow, Store } from './store.ts';

/** Version of the tables below; a file of a later version is left alone. */
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE load_balancer (id TEXT PRIMARY KEY, deployment TEXT NOT NULL) STRICT;
  CREATE TABLE flow (
    id TEXT PRIMARY KEY,
    load_balancer_id TEXT NOT NULL,
    request TEXT NOT NULL,
    direction TEXT NOT NULL DEFAULT 'forward'
  ) STRICT;
  CREATE TABLE task (
    flow_id TEXT NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (flow_id, name)
  ) STRICT;
  CREATE TABLE secret (name TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
`;

/** The file is no store, or one of a later version. */
export class UnknownStore extends Error {
  override readonly name = 'UnknownStore';
}

/**
 * A store in one SQLite file; `:memory:` for one that ends with the process.
 *
 * @throws UnknownStore
 */
export function openStore(file: string): Store {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    // Only the owner reads secrets, and a commit is on disk (https://www.sqlite.org/wal.html).
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    const found = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    if (found > SCHEMA_VERSION) {
      throw new UnknownStore(`${file}: schema version ${found}; this program knows ${SCHEMA_VERSION}.`);
    }
    if (found < SCHEMA_VERSION) {
      database.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
    }
    return new SqliteStore(database);
  } catch (cause) {
    database?.close();
    if (cause instanceof UnknownStore) throw cause;
    throw new UnknownStore(`${file} cannot be used as a store: ${(cause as Error).message}.`, { cause });
  }
}

class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  deployments(): readonly Deployment[] {
    return this.#sql('SELECT deployment FROM load_balancer ORDER BY rowid')
      .all()
      .map((row) => JSON.parse(String(row.deployment)) as Deployment);
  }

  put(deployment: Deployment): void {
    this.#sql(
      'INSERT INTO load_balancer VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET deployment = excluded.deployment',
    ).run(deployment.loadBalancer.id, JSON.stringify(deployment));
  }

  remove(loadBalancerId: string): void {
    this.#sql('DELETE FROM load_balancer WHERE id = ?').run(loadBalancerId);
  }

  unfinished(): readonly JournalledFlow[] {
    const tasks = this.#sql('SELECT name, done FROM task WHERE flow_id = ? ORDER BY rowid');
    return this.#sql('SELECT * FROM flow ORDER BY rowid')
      .all()
      .map((row) => {
        const begun = tasks.all(row.id as string);
        return {
          id: String(row.id),
          loadBalancerId: String(row.load_balancer_id),
          request: JSON.parse(String(row.request)) as FlowRequest,
          direction: row.direction as JournalledFlow['direction'],
          begun: begun.map(({ name }) => String(name)),
          done: new Set(begun.filter(({ done }) => done === 1).map(({ name }) => String(name))),
        };
      });
  }

  beginFlow(flow: Pick<JournalledFlow, 'id' | 'loadBalancerId' | 'request'>): void {
    this.#sql('INSERT INTO flow (id, load_balancer_id, request) VALUES (?, ?, ?)').run(
      flow.id,
      flow.loadBalancerId,
      JSON.stringify(flow.request),
    );
  }

  beginTask(flowId: string, task: string): void {
    this.#sql('INSERT OR IGNORE INTO task (flow_id, name) VALUES (?, ?)').run(flowId, task);
  }

  endTask(flowId: string, task: string): void {
    this.#sql('UPDATE task SET done = 1 WHERE flow_id = ? AND name = ?').run(flowId, task);
  }

  turnBack(flowId: string): void {
    this.#sql("UPDATE flow SET direction = 'back' WHERE id = ?").run(flowId);
  }

  endFlow(flowId: string): void {
    this.#sql('DELETE FROM flow WHERE id = ?').run(flowId);
  }

  secret(name: string): string | undefined {
    return this.#sql('SELECT content FROM secret WHERE name = ?').get(name)?.content as string | undefined;
  }

  keepSecret(name: string, text: string): void {
    this.#sql('INSERT OR REPLACE INTO secret VALUES (?, ?)').run(name, text);
  }

  atomically<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    this.#database.close();
  }

  #sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
