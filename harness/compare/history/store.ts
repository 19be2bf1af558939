import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { makeFolder } from '../../lab/engine/folder.ts';
import { type Entry, entrySchema } from './entry.ts';
import { UnreadableHistory } from './unreadable.ts';

/** Raised with every change of the tables. */
const SCHEMA_VERSION = 1;
/** `AmTb`: marks a file of the testbed among SQLite's (pragma application_id). */
const APPLICATION_ID = 0x416d5462;
const BUSY_LIMIT_MS = 10_000;

/** Which entries are wanted; all that are given must hold. */
export interface Filter {
  readonly scenario?: string;
  readonly fingerprint?: string;
  /** Only entries that began at or after this instant. */
  readonly since?: Date;
  /** Only the newest. */
  readonly last?: number;
}

/** The history: results over time, in one file. */
export class History implements Disposable {
  readonly #database: DatabaseSync;
  readonly #file: string;

  private constructor(file: string, database: DatabaseSync) {
    this.#file = file;
    this.#database = database;
  }

  /**
   * Opens the file, or makes it where there is none.
   *
   * @throws UnreadableHistory when the file is damaged, foreign, or of a newer version
   */
  static open(file: string): History {
    const fresh = !existsSync(file);
    let database: DatabaseSync | undefined;
    try {
      if (fresh) makeFolder(dirname(file));
      database = new DatabaseSync(file, { timeout: BUSY_LIMIT_MS });
      if (fresh) create(database);
      else inspect(database);
      database.exec('PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL;');
      return new History(file, database);
    } catch (cause) {
      database?.close();
      throw new UnreadableHistory(
        `${file} cannot be read as a history: ${(cause as Error).message}. It was left as it is: restore a copy, or move it away and import an export (\`npm run history -- --import FILE\`).`,
        { cause },
      );
    }
  }

  /**
   * Adds entries, all or none; those that are there already stay as they are.
   *
   * @returns how many were new
   * @throws UnreadableHistory when an entry of the same id has other content
   */
  add(entries: readonly Entry[]): number {
    const addResult = this.#database.prepare(
      'INSERT INTO results (id, started_at, fingerprint, facts) VALUES (?, ?, ?, ?)',
    );
    const addScenario = this.#database.prepare(
      'INSERT INTO scenarios (result, position, name, body) VALUES (?, ?, ?, ?)',
    );
    return this.#atomically(() => {
      let added = 0;
      for (const entry of entries) {
        const [known] = this.#read('WHERE id = ?', [entry.id]);
        if (known) {
          if (JSON.stringify(known) === JSON.stringify(entrySchema.parse(entry))) continue;
          throw new UnreadableHistory(
            `${this.#file} holds another result with the id ${entry.id}: nothing was added.`,
          );
        }
        const { scenarios, ...facts } = entry;
        addResult.run(entry.id, entry.startedAt, entry.environment.fingerprint, JSON.stringify(facts));
        for (const [position, scenario] of scenarios.entries()) {
          addScenario.run(entry.id, position, scenario.name, JSON.stringify(scenario));
        }
        added++;
      }
      return added;
    });
  }

  /** Entries from the oldest to the newest; with a scenario given, only that one is in them. */
  entries({ scenario, fingerprint, since, last }: Filter = {}): readonly Entry[] {
    const conditions: string[] = [];
    const values: string[] = [];
    const where = (condition: string, value: string) => {
      conditions.push(condition);
      values.push(value);
    };
    if (scenario) where('EXISTS (SELECT 1 FROM scenarios WHERE result = id AND name = ?)', scenario);
    if (fingerprint) where('fingerprint = ?', fingerprint);
    if (since) where('started_at >= ?', since.toISOString());
    const clause = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    const found = this.#read(clause, values, scenario);
    return last === undefined ? found : found.slice(Math.max(0, found.length - last));
  }

  /** @throws UnreadableHistory when there is no such entry */
  entry(id: string): Entry {
    const [found] = this.#read('WHERE id = ?', [id]);
    if (found) return found;
    throw new UnreadableHistory(
      `${this.#file} holds no result ${id}; \`npm run history\` lists what it holds.`,
    );
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #read(clause: string, values: readonly string[], scenario?: string): Entry[] {
    const rows = this.#database
      .prepare(`SELECT id, facts FROM results ${clause} ORDER BY started_at, id`)
      .all(...values);
    const named = scenario === undefined ? '' : 'AND name = ?';
    const bodies = this.#database.prepare(
      `SELECT body FROM scenarios WHERE result = ? ${named} ORDER BY position`,
    );
    return rows.map(({ id, facts }) => {
      const scenarios = bodies
        .all(String(id), ...(scenario === undefined ? [] : [scenario]))
        .map(({ body }) => JSON.parse(String(body)));
      return this.#parsed(`result ${id}`, { ...JSON.parse(String(facts)), scenarios });
    });
  }

  #parsed(what: string, value: unknown): Entry {
    const { data, error } = entrySchema.safeParse(value);
    if (data) return data;
    throw new UnreadableHistory(`${this.#file}: ${what} is damaged: ${z.prettifyError(error)}`);
  }

  #atomically<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const value = work();
      this.#database.exec('COMMIT');
      return value;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function create(database: DatabaseSync): void {
  database.exec(`
    BEGIN;
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${SCHEMA_VERSION};
    CREATE TABLE results (
      id TEXT PRIMARY KEY, started_at TEXT NOT NULL, fingerprint TEXT NOT NULL, facts TEXT NOT NULL
    ) STRICT;
    CREATE INDEX results_by_time ON results (started_at);
    CREATE TABLE scenarios (
      result TEXT NOT NULL REFERENCES results (id), position INTEGER NOT NULL, name TEXT NOT NULL,
      body TEXT NOT NULL, PRIMARY KEY (result, position)
    ) STRICT;
    CREATE INDEX scenarios_by_name ON scenarios (name, result);
    COMMIT;
  `);
}

/** @throws Error with the reason, when the file is foreign or damaged */
function inspect(database: DatabaseSync): void {
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  const damage = pragma('quick_check');
  if (damage !== 'ok') throw new Error(`it is damaged (${String(damage).split('\n')[0]})`);
  if (pragma('application_id') !== APPLICATION_ID) throw new Error('another program made it');
  const version = Number(pragma('user_version'));
  if (version !== SCHEMA_VERSION) {
    throw new Error(`it has schema ${version}, and this version reads ${SCHEMA_VERSION}`);
  }
}
