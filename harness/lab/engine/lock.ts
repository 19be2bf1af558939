import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** Longer than any set-up: a hanging holder must not block all others. */
const WAIT_LIMIT_MS = 15 * 60_000;

/**
 * Runs `work` while no other process of this machine holds the lock of that name, and waits for its turn.
 *
 * The lock is a listening socket in Linux' abstract namespace: the kernel releases it when the process
 * dies, however it dies, so that no stale lock can stay behind (unix(7)). Other systems have neither that
 * namespace nor a private engine to protect; there, `work` runs at once.
 *
 * @param refusal thrown where another holds the lock, instead of waiting
 */
export async function withLock<T>(name: string, work: () => Promise<T>, refusal?: Error): Promise<T> {
  if (process.platform !== 'linux') {
    return work();
  }
  const address = `\0amphora-testbed/${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
  const deadline = AbortSignal.timeout(WAIT_LIMIT_MS);
  for (;;) {
    const held = await acquire(address);
    if (held) {
      try {
        return await work();
      } finally {
        await held.release();
      }
    }
    if (refusal) throw refusal;
    await holderGone(address, deadline);
  }
}

interface Held {
  release(): Promise<void>;
}

async function acquire(address: string): Promise<Held | undefined> {
  const waiting = new Set<Socket>();
  const server: Server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => {}).on('close', () => waiting.delete(socket));
  });
  // A refused connection is tried again.
  server.on('error', () => {});
  server.listen(address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      return undefined;
    }
    throw error;
  }
  return {
    async release() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of waiting) {
        socket.destroy();
      }
      await closed;
    },
  };
}

/** Resolves when the holder has closed the connection; one that is gone refuses it, and one that is going resets it. */
async function holderGone(address: string, signal: AbortSignal): Promise<void> {
  const socket = createConnection(address).on('error', () => {});
  try {
    await once(socket.resume(), 'close', { signal });
  } catch (cause) {
    if (signal.aborted)
      throw new Error(
        'Another invocation of amphora-testbed holds its lock for 15 minutes: end it and retry.',
        { cause },
      );
  } finally {
    socket.destroy();
  }
}
