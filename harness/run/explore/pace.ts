/** How long stories take, by those that were measured. */
export class Pace {
  #longestMs = 0;
  #stepsMost = 1;

  /** Records how long a story with this many steps took. */
  took(steps: number, ms: number): void {
    this.#longestMs = Math.max(this.#longestMs, ms);
    this.#stepsMost = Math.max(this.#stepsMost, steps);
  }

  /** How long a story with this many steps may take; 0 before any was measured. */
  expectedMs(steps: number): number {
    return this.#longestMs * Math.max(1, steps / this.#stepsMost);
  }
}
