import type { LabNode } from './lab.ts';

/** Called with a machine that has booted. */
type Listener = (node: LabNode) => Promise<void>;

/** Those that wait for boots of a lab's machines. */
export class BootListeners {
  readonly #all = new Set<Listener>();

  /** Has a listener called until it is disposed of. */
  add(listener: Listener): Disposable {
    this.#all.add(listener);
    return { [Symbol.dispose]: () => void this.#all.delete(listener) };
  }

  /** Resolves when every listener has done its part. */
  async call(node: LabNode): Promise<void> {
    await Promise.all([...this.#all].map((listener) => listener(node)));
  }
}
