import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AmphoraLab } from '../lab/amphora-lab.ts';
import { reapFolder } from '../lab/engine/reaper.ts';
import type { PlainLab } from '../lab/plain/plain-lab.ts';
import { type Site, serve } from '../live/server.ts';
import { Session } from '../live/session.ts';
import { scenariosFolder } from '../scenario/catalogue.ts';
import { eachLine } from '../streams/lines.ts';
import { UsageError } from '../usage-error.ts';

/** Makes the folder of a lab that is kept: nobody else may enter it, and it goes with the lab, however the command ends. */
export async function makeLabFolder(lab: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = folderOf(lab);
  await mkdir(path, { mode: 0o700 });
  reapFolder(path);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function folderOf(lab: string): string {
  return join(tmpdir(), `amphora-testbed-${lab}`);
}

function socketOf(lab: string): string {
  return join(folderOf(lab), 'ui.sock');
}

/** Has a lab observed, and what is done in it measured. */
export function sessionIn(
  lab: AmphoraLab | PlainLab,
  folder: string,
  built: {
    readonly set: readonly string[];
    readonly with: readonly string[];
    readonly loadBalancer?: string;
  },
): Promise<Session> {
  const flags = [
    ...built.with.flatMap((value) => ['--with', value]),
    ...built.set.flatMap((value) => ['--set', value]),
  ];
  const { loadBalancer } = built;
  return Session.begin({ lab, folder, scenarios: scenariosFolder(), flags, loadBalancer });
}

/** A lab that other commands of this user can show: it is observed from the first one on. */
export class SharedLab implements AsyncDisposable {
  readonly #begin: () => Promise<Site & AsyncDisposable>;
  readonly #server: Server;
  readonly #guests = new Map<Socket, Promise<void>>();
  #session: Promise<Site & AsyncDisposable> | undefined;

  /**
   * @param name of the lab; its folder is there
   * @param begin has the lab observed
   */
  static async open(name: string, begin: () => Promise<Site & AsyncDisposable>): Promise<SharedLab> {
    const server = createServer();
    const shared = new SharedLab(server, begin);
    server.listen(socketOf(name));
    await once(server, 'listening');
    return shared;
  }

  private constructor(server: Server, begin: () => Promise<Site & AsyncDisposable>) {
    this.#begin = begin;
    this.#server = server.on('connection', (guest) => {
      const gone = this.#receive(guest).finally(() => this.#guests.delete(guest));
      this.#guests.set(guest, gone);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    const leaving = [...this.#guests];
    for (const [guest] of leaving) guest.destroy();
    await Promise.all(leaving.map(([, gone]) => gone));
    await (await this.#session?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  /** A guest gets an address, or a sentence why there is none; the page is there for as long as the guest stays. */
  async #receive(guest: Socket): Promise<void> {
    guest.on('error', () => {});
    const gone = new Promise((resolve) => guest.resume().once('close', resolve));
    try {
      this.#session ??= this.#begin();
      await using served = await serve(await this.#session);
      guest.write(`${served.url}\n`);
      await gone;
    } catch (error) {
      // The next guest tries again.
      this.#session = undefined;
      guest.end(`${(error as Error).message}\n`);
    }
  }
}

/**
 * Asks the command that keeps a lab to show it.
 *
 * @returns the page's address, and the connection: the page is there until it is closed
 * @throws UsageError
 */
export async function joinLab(name: string): Promise<{ readonly url: string; readonly host: Socket }> {
  const host = createConnection(socketOf(name));
  const told = Promise.withResolvers<string | undefined>();
  eachLine(host, told.resolve).then(() => told.resolve(undefined));
  const line = await told.promise;
  if (line?.startsWith('http:')) return { url: line, host };
  host.destroy();
  throw new UsageError(
    line === undefined
      ? `The lab ${name} cannot be joined: it is not kept by a \`lab up\` of yours.`
      : `The lab ${name} cannot be shown: ${line}`,
  );
}
