import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Queue, QueueEvents } from 'bullmq';
import { endOf, runName, STAGES, type Stage } from '../../result/progress.ts';
import type { RunResult } from '../../result/result.ts';
import { inWords } from '../environment.ts';
import { recordLost } from '../lost-run.ts';
import type { Machine } from '../machine.ts';
import type { Plan } from '../plan.ts';
import { readVerdict, runFolder } from '../run-folder.ts';
import type { Performed, Performer, RunOrder } from '../worker.ts';
import { type Identity, queueName } from './identity.ts';
import { type Done, doneSchema, helloSchema, nightKey, type QueuedOrder, runKey, WORKERS } from './order.ts';
import { unpackRun } from './parcel.ts';
import type { QueueAddress } from './queue-url.ts';
import { distinct, type Roll, rollOf } from './roll.ts';
import { PREFIX, QueueServer } from './server.ts';

const LOOK_EVERY_MS = 3000;
const WITHDRAW_LIMIT_MS = 5000;
/** Runs that nobody fetched, as their night was interrupted, wait so long. */
const DONE_HOLDS_S = 3600;

/** A run that is in the queue, or with a worker. */
interface Pending {
  readonly order: QueuedOrder;
  readonly onStage: (stage: Stage) => void;
  readonly done: PromiseWithResolvers<Done>;
}

/** The workers could not finish a run. */
class RunLost extends Error {
  override readonly name = 'RunLost';
}

/**
 * The runs of a night, in a queue from which workers take them. Whatever becomes of a worker, each run ends with one
 * verdict, in the folder where a run of this machine would leave it.
 */
export class QueuedRuns implements AsyncDisposable {
  readonly #server: QueueServer;
  readonly #identity: Identity;
  readonly #night: string;
  readonly #queue: Queue<QueuedOrder, Done>;
  readonly #events: QueueEvents;
  readonly #pending = new Map<string, Pending>();
  /** The connection, and the night's place in it. */
  readonly #held: AsyncDisposable;
  readonly #timer: NodeJS.Timeout;
  readonly #say: (line: string) => void;
  /** Resolves when no look is under way. */
  #looked: Promise<void> = Promise.resolve();
  #roll: Roll;
  #machines: readonly Machine[];

  private constructor(
    request: Parameters<typeof QueuedRuns.open>[0],
    given: {
      readonly server: QueueServer;
      readonly roll: Roll;
      readonly machines: readonly Machine[];
      readonly held: AsyncDisposable;
    },
  ) {
    const { identity, mixed } = request;
    const { server } = given;
    this.#server = server;
    this.#identity = identity;
    this.#night = request.night;
    this.#say = request.say;
    this.#held = given.held;
    this.#roll = given.roll;
    this.#machines = given.machines;
    const name = queueName(identity, mixed ? undefined : given.machines[0]);
    const options = { connection: server.redis, prefix: PREFIX };
    this.#queue = new server.bull.Queue(name, options);
    this.#events = new server.bull.QueueEvents(name, options);
    // The server's own connection says when it is lost.
    this.#queue.on('error', () => {});
    this.#events.on('error', () => {});
    this.#events.on('completed', ({ jobId, returnvalue }) => this.#completed(jobId, returnvalue));
    this.#events.on('failed', ({ jobId, failedReason }) =>
      this.#pending.get(jobId)?.done.reject(new RunLost(`No worker could finish it: ${failedReason}`)),
    );
    this.#events.on('progress', ({ jobId, data }) => {
      const stage = STAGES.find((each) => each === (data as { stage?: unknown }).stage);
      if (stage) this.#pending.get(jobId)?.onStage(stage);
    });
    this.#events.on('stalled', ({ jobId }) => {
      const pending = this.#pending.get(jobId);
      if (pending) this.#say(`${runName(pending.order.run)}: its worker has gone, another one repeats it`);
    });
    this.#timer = setInterval(() => {
      this.#looked = this.#looked.then(() => this.#look(mixed)).catch(() => {});
    }, LOOK_EVERY_MS);
    server.lost.catch((error) => {
      for (const { done } of this.#pending.values()) done.reject(error);
    });
  }

  /**
   * Connects, and waits for a worker whose system is equal to this machine's; unequal ones are named.
   *
   * @param request.machine only workers on this kind of machine count; by default that of the first worker
   * @param request.mixed takes workers of all machines
   * @throws AbortError
   * @throws EnvironmentFailed where the queue does not answer
   */
  static async open(request: {
    readonly address: QueueAddress;
    readonly identity: Identity;
    readonly night: string;
    readonly machine?: Machine | undefined;
    readonly mixed: boolean;
    readonly say: (line: string) => void;
    readonly signal: AbortSignal;
  }): Promise<QueuedRuns> {
    const { identity, say, signal } = request;
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await QueueServer.open(request.address));
    stack.use(await server.announce(nightKey(request.night), { system: identity.system }));
    for (let told: string | undefined; ; ) {
      const roll = await rollIn(server, identity, request.machine, request.mixed);
      const [first] = roll.serving;
      const sentence = roll.sentence(server.name);
      if (sentence !== told) say(sentence);
      told = sentence;
      if (first) {
        const machines = request.mixed ? roll.machines : [first.machine];
        const queued = new QueuedRuns(request, { server, roll, machines, held: stack.move() });
        await Promise.all([queued.#queue.waitUntilReady(), queued.#events.waitUntilReady()]);
        return queued;
      }
      await Promise.race([delay(LOOK_EVERY_MS, undefined, { signal }), server.lost]);
    }
  }

  /** Those that perform the runs, the first one first. */
  get machines(): readonly Machine[] {
    return this.#machines;
  }

  /** How many runs are in the queue at once: for each lab one that is under way, and one that is next. */
  get places(): number {
    return Math.max(1, 2 * this.#roll.labs);
  }

  /** Who asks workers for one run at a time. */
  hire(plan: Plan): Performer {
    let asked: string | undefined;
    return {
      alive: true,
      perform: async (order, onStage) => {
        asked = runKey({ night: this.#night, run: order.run });
        return this.#perform(asked, plan, order, onStage);
      },
      // Labs belong to the workers.
      cleared: async () => {},
      release: async () => {},
      [Symbol.asyncDispose]: async () => {
        if (asked !== undefined) await this.#withdraw(asked);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const closed = Promise.allSettled([this.#queue.close(), this.#events.close()]);
    await Promise.race([closed, delay(WITHDRAW_LIMIT_MS)]);
    await this.#held[Symbol.asyncDispose]();
  }

  async #perform(
    key: string,
    plan: Plan,
    { run, phaseShare }: RunOrder,
    onStage: (stage: Stage) => void,
  ): Promise<Performed> {
    const { seed, set, reuse } = plan;
    const order: QueuedOrder = { night: this.#night, run, phaseShare, seed, set: [...set], reuse };
    const place = join(plan.folder, runFolder(run));
    try {
      const verdict = (await readVerdict(place)) ?? (await this.#fetched(key, order, onStage, place));
      return { outcome: endOf(verdict), whole: false };
    } catch (error) {
      if (!(error instanceof RunLost)) return { failed: inWords(error) };
      return { outcome: endOf(await recordLost(plan.folder, run, error.message)), whole: false };
    }
  }

  /** Puts a run into the queue, or finds it there after an interruption, and brings its files. */
  async #fetched(
    key: string,
    order: QueuedOrder,
    onStage: (stage: Stage) => void,
    place: string,
  ): Promise<RunResult> {
    for (;;) {
      const done = Promise.withResolvers<Done>();
      const pending: Pending = { order, onStage, done };
      this.#pending.set(key, pending);
      try {
        await this.#ask(key, pending);
        const { files } = await done.promise;
        const parcel = await this.#server.redis.getBuffer(files);
        if (parcel) await unpackRun(parcel, place);
        await Promise.all([this.#forget(key), this.#server.redis.del(files)]);
        const verdict = parcel && (await readVerdict(place));
        // Its files were kept for as long as the queue keeps them: it is performed again.
        if (verdict) return verdict;
      } finally {
        this.#pending.delete(key);
      }
    }
  }

  /** A run that is in the queue already is not put there twice. */
  async #ask(key: string, { order }: Pending): Promise<void> {
    await this.#queue.add(order.run.scenario, order, {
      jobId: key,
      removeOnComplete: { age: DONE_HOLDS_S },
      removeOnFail: true,
    });
    const job = await this.#queue.getJob(key);
    if (job?.finishedOn !== undefined) this.#completed(key, job.returnvalue);
  }

  #completed(key: string, value: unknown): void {
    const done = doneSchema.safeParse(value);
    if (done.success) this.#pending.get(key)?.done.resolve(done.data);
  }

  /** A look that is under way must not put it into the queue again. */
  async #forget(key: string): Promise<void> {
    this.#pending.delete(key);
    await this.#looked;
    await this.#queue.remove(key);
  }

  async #withdraw(key: string): Promise<void> {
    const pending = this.#pending.get(key);
    if (!pending) return;
    // A worker that is at it goes on; its files are found when the night is resumed.
    await Promise.race([this.#forget(key).catch(() => {}), delay(WITHDRAW_LIMIT_MS)]);
    pending.done.reject(new Error('The invocation that this run belongs to has ended.'));
  }

  /** Who is there; and whether each run is, as a Redis that was started again may have forgotten it. */
  async #look(mixed: boolean): Promise<void> {
    const roll = await rollIn(this.#server, this.#identity, this.#machines[0], mixed);
    const sentence = roll.sentence(this.#server.name);
    if (sentence !== this.#roll.sentence(this.#server.name)) this.#say(sentence);
    this.#roll = roll;
    if (mixed) this.#machines = distinct([...this.#machines, ...roll.machines]);
    for (const [key, pending] of this.#pending) await this.#ask(key, pending);
  }
}

async function rollIn(
  server: QueueServer,
  identity: Identity,
  machine: Machine | undefined,
  mixed: boolean,
): Promise<Roll> {
  const hellos = (await server.announced(WORKERS)).flatMap((each) => {
    const hello = helloSchema.safeParse(each);
    return hello.success ? [hello.data] : [];
  });
  return rollOf(hellos, identity, machine, mixed);
}
