import { Duplex, type Readable, type Writable } from 'node:stream';

/**
 * One stream of two, as HTTP/2 wants it: what is written while it is corked goes in one write. `Duplex.from` has one for
 * each piece, and HTTP/2 gives each frame's header and content as a piece.
 */
export function streamPair(readable: Readable, writable: Writable): Duplex {
  const pair = new Duplex({
    read: () => void readable.resume(),
    write: (piece: Buffer, _encoding, done) => void writable.write(piece, done),
    writev: (pieces, done) =>
      void writable.write(Buffer.concat(pieces.map(({ chunk }) => chunk as Buffer)), done),
    final: (done) => void writable.end(done),
    destroy: (error, done) => {
      readable.destroy();
      writable.destroy();
      done(error);
    },
  });
  readable.on('data', (piece: Buffer) => {
    if (!pair.push(piece)) readable.pause();
  });
  readable.on('end', () => pair.push(null));
  for (const half of [readable, writable]) half.on('error', (error) => pair.destroy(error));
  // What has come to its end by then may still be read.
  readable.on('close', () => readable.readableEnded || pair.destroy());
  writable.on('close', () => writable.writableFinished || pair.destroy());
  return pair;
}
