import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { NotUnpacked, unpackDebian } from '../../lab/images/unpacked-debian.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const RELEASE = 'trixie';
const PACKAGES = ['python3-openstackclient', 'python3-octaviaclient'];
const SHELL = join(import.meta.dirname, 'client.py');

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the client is: on this machine, or in a Debian that was unpacked for it and goes with it. */
export interface Place extends AsyncDisposable {
  readonly description: string;
  readonly python: readonly string[];
}

/**
 * The client that operators use: this machine's, where it has one; else Debian's packages, unpacked into a folder.
 *
 * @throws NotUnpacked where there is neither
 */
export async function openstackClient(): Promise<Place> {
  const python = ['/usr/bin/python3'];
  if (await works(python)) {
    return { description: 'this machine', python, [Symbol.asyncDispose]: async () => {} };
  }
  if (process.getuid?.() !== 0) throw new NotUnpacked('chroot is for root.');
  const made = await temporaryFolder('client');
  const folder = made.path;
  const gone = () => made.remove();
  try {
    await unpackDebian({ release: RELEASE, packages: PACKAGES, into: folder });
    const inside = ['chroot', folder, 'python3'];
    if (!(await works(inside))) throw new NotUnpacked(`Debian ${RELEASE}'s client does not run.`);
    return { description: `Debian ${RELEASE}`, python: inside, [Symbol.asyncDispose]: gone };
  } catch (error) {
    await gone();
    throw error;
  }
}

async function works([program = '', ...args]: readonly string[]): Promise<boolean> {
  const asked = await execa(program, [...args, '-c', 'import openstackclient, octaviaclient'], {
    reject: false,
  });
  return asked.exitCode === 0;
}

/** A shell of the client in which commands run one after another. */
export class OpenstackShell implements AsyncDisposable {
  readonly #process;
  readonly #answers;

  private constructor(process: ReturnType<typeof start>) {
    this.#process = process;
    this.#answers = process.iterable();
  }

  static async in({ python }: Place): Promise<OpenstackShell> {
    return new OpenstackShell(start(python, await readFile(SHELL, 'utf8')));
  }

  async run(words: readonly string[]): Promise<Ended> {
    this.#process.stdin.write(`${JSON.stringify(words)}\n`);
    const { value } = await this.#answers.next();
    if (value === undefined) throw new Error(`The client's shell ended at: ${words.join(' ')}`);
    return JSON.parse(value) as Ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end();
    await this.#process;
  }
}

function start([program = '', ...args]: readonly string[], script: string) {
  return execa(program, [...args, '-c', script], { reject: false, stderr: 'inherit', buffer: false });
}
