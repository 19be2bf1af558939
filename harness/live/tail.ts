import { open } from 'node:fs/promises';

/** Reads a file of lines while somebody writes it. */
export class Tail {
  readonly #file: string;
  #position = 0;
  /** The last line where it is not whole yet; its bytes, as a character may be cut in two. */
  #begun: Buffer = Buffer.alloc(0);

  constructor(file: string) {
    this.#file = file;
  }

  /** The whole lines that were added since the last time; none while there is no file. */
  async more(): Promise<readonly string[]> {
    const file = await open(this.#file).catch(() => undefined);
    if (!file) return [];
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.max(0, size - this.#position));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#position);
      this.#position += bytesRead;
      const added = Buffer.concat([this.#begun, buffer.subarray(0, bytesRead)]);
      const end = added.lastIndexOf('\n') + 1;
      this.#begun = added.subarray(end);
      return end === 0 ? [] : added.toString('utf8', 0, end - 1).split('\n');
    } finally {
      await file.close();
    }
  }
}
