import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { eachJson } from '../streams/lines.ts';
import type { Asked, Told } from './slots.ts';

/** The process that hands out places for labs has ended. */
export class SlotsGone extends Error {
  override readonly name = 'SlotsGone';

  constructor() {
    super('The invocation that this run belongs to has ended.');
  }
}

/** There are no descriptors left for the moment, or more ask at once than can be heard (connect(2), EAGAIN). */
const ASK_AGAIN_MS = 50;

/**
 * Waits for the outcome of a job. Where its connection breaks while both ends live, it asks again.
 *
 * @throws SlotsGone
 */
export async function outcomeOf(address: string, asked: Asked): Promise<Told> {
  for (;;) {
    const socket = createConnection(address);
    let told: Told | undefined;
    const over = eachJson<Told>(socket, (answer) => {
      told = answer;
      socket.destroy();
    });
    socket.write(`${JSON.stringify(asked)}\n`);
    const problem: NodeJS.ErrnoException | undefined = await over;
    socket.destroy();
    if (told) return told;
    // Nobody is at the other end any more.
    if (problem?.syscall === 'connect' && problem.code === 'ECONNREFUSED') throw new SlotsGone();
    if (problem) await delay(ASK_AGAIN_MS);
  }
}
