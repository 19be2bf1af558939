import type { Stage } from '../../result/progress.ts';
import type { Performed, Performer, RunOrder } from '../worker.ts';

interface Lane {
  readonly performer: Performer;
  /** What its process was started for. */
  readonly plan: string;
  /** The scenario whose last run left its lab whole. */
  left?: string | undefined;
}

/** As many processes that perform runs as there are labs at once; one goes on in the lab that it has. */
export class Lanes implements AsyncDisposable {
  readonly #size: number;
  readonly #all = new Set<Lane>();
  readonly #idle = new Set<Lane>();
  /** Runs that have no process yet. */
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /**
   * Performs a run as soon as there is a process for it.
   *
   * @param plan processes of other plans are not asked
   * @param deliver called with the outcome while the lab goes
   */
  async perform<T>(
    plan: string,
    hire: () => Performer,
    order: RunOrder,
    onStage: (stage: Stage) => void,
    deliver: (performed: Performed) => Promise<T>,
  ): Promise<T> {
    while (this.#taken >= this.#size) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    using _place = this.#take();
    const lane = await this.#free(plan, order.run.scenario, hire);
    const performed = await lane.performer.perform(order, onStage);
    const [delivered] = await Promise.allSettled([deliver(performed), lane.performer.cleared()]);
    lane.left = 'whole' in performed && performed.whole ? order.run.scenario : undefined;
    if (lane.performer.alive) this.#idle.add(lane);
    else this.#all.delete(lane);
    if (delivered.status === 'rejected') throw delivered.reason;
    return delivered.value;
  }

  /** Destroys labs that wait for another run. */
  async releaseIdle(): Promise<void> {
    const left = [...this.#idle].filter((lane) => lane.left !== undefined);
    await Promise.all(
      left.map(async (lane) => {
        // A process is asked for one thing at a time.
        this.#idle.delete(lane);
        using _place = this.#take();
        await this.#release(lane);
        this.#idle.add(lane);
      }),
    );
  }

  /** Ends all processes, and with them their labs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map(({ performer }) => performer[Symbol.asyncDispose]()));
  }

  #take(): Disposable {
    this.#taken++;
    return {
      [Symbol.dispose]: () => {
        this.#taken--;
        this.#waiting.shift()?.();
      },
    };
  }

  /** The one whose lab fits, or one without a lab, or another one without its lab. */
  async #free(plan: string, scenario: string, hire: () => Performer): Promise<Lane> {
    const idle = [...this.#idle].filter(({ performer }) => performer.alive);
    const fitting = idle.filter((lane) => lane.plan === plan);
    const known =
      fitting.find(({ left }) => left === scenario) ??
      fitting.find(({ left }) => left === undefined) ??
      fitting[0];
    if (known) {
      this.#idle.delete(known);
      if (known.left !== scenario) await this.#release(known);
      return known;
    }
    // No more processes than labs.
    const other = idle[0];
    if (other && this.#all.size >= this.#size) {
      this.#idle.delete(other);
      this.#all.delete(other);
      await other.performer[Symbol.asyncDispose]();
    }
    const lane: Lane = { performer: hire(), plan };
    this.#all.add(lane);
    return lane;
  }

  async #release(lane: Lane): Promise<void> {
    if (lane.left === undefined) return;
    lane.left = undefined;
    await lane.performer.release();
  }
}
