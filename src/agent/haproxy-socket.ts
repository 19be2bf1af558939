import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const ANSWER_LIMIT_MS = 5000;

/**
 * Asks HAProxy's runtime API one question.
 *
 * @param socket path of the stats socket
 * @throws when the socket does not answer within 5 s
 */
export async function askHaproxy(socket: string, question: string): Promise<string> {
  const connection = connect({ path: socket, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  connection.write(`${question}\n`);
  return text(connection);
}
