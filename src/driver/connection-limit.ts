/** A connection of HAProxy takes two files, and half a pipe where it splices; the rest is for sockets and logs. */
const FILES_PER_CONNECTION = 2.6;

/** How many connections HAProxy can promise under a limit of open files. */
export function connectionsWithin(fileLimit: number): number {
  return Math.floor(fileLimit / FILES_PER_CONNECTION / 100) * 100;
}
