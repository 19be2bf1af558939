import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { codeFile } from '../../project.ts';
import type { Engine } from './engine.ts';
import { SESSION } from './labels.ts';

/** What the reaper learns about labs; other lines are folders. */
const LINES = { begun: '+', gone: '-' } as const;

/**
 * What waits for the end of its standard input. Most of them end without work: a shell starts with a fiftieth of the
 * processor time that Node takes, and only a lab that has not gone has Node started. `sh -c … node main host session`
 */
const WAIT = `trap '' INT TERM HUP
main=$1 host=$2 session=$3 labs=0
shift 3
while IFS= read -r line; do
  case $line in
    ${LINES.begun}) labs=$((labs + 1)) ;;
    ${LINES.gone}) labs=$((labs - 1)) ;;
    *) set -- "$@" "$line" ;;
  esac
done
[ $# -eq 0 ] || rm -rf -- "$@"
[ $labs -eq 0 ] || exec "$0" "$main" "$host" "$session"`;

let reaper: ChildProcessByStdio<Writable, null, null> | undefined;

/**
 * Starts a process that removes what this process made, once this one has ended in any way. The fabric kills the
 * amphorae that it knows; only the reaper finds a container that was being created at that moment.
 *
 * @returns to be disposed of when the lab has gone: where all have, there is nothing to look for
 */
export function startReaper(engine: Engine): Disposable {
  reaper ??= spawned(engine);
  const { stdin } = reaper;
  stdin.write(`${LINES.begun}\n`);
  return { [Symbol.dispose]: () => void stdin.write(`${LINES.gone}\n`) };
}

function spawned(engine: Engine): NonNullable<typeof reaper> {
  const program = [process.execPath, codeFile('harness/lab/engine/reaper-main'), engine.host, SESSION];
  const child = spawn('/bin/sh', ['-c', WAIT, ...program], {
    // In another process group, so that a signal to this one spares it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  // The pipe is held open by being referred to; it must not keep this process alive.
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

/** This folder, which may hold keys, is removed too once this process has ended. */
export function reapFolder(folder: string): void {
  reaper?.stdin.write(`${folder}\n`);
}
