/** How long stories take, by those that were measured. */
export class Pace {
  #longestMs = 0;
  #stepsMost = 1;

  /** A story of so many steps took so long. */
  took(steps: number, ms: number): void {
    this.#longestMs = Math.max(this.#longestMs, ms);
    this.#stepsMost = Math.max(this.#stepsMost, steps);
  }

  /** How long a story of so many steps may take; 0 before any was measured. */
  expectedMs(steps: number): number {
    return this.#longestMs * Math.max(1, steps / this.#stepsMost);
  }
}
