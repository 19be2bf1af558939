import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { Images } from '../../lab/images/images.ts';
import { type RunId, runName } from '../../result/progress.ts';
import { clockMs } from '../../result/timings.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { removeLeftFolders, temporaryFolder } from '../../temporary-folder.ts';
import { environmentFailedBy } from '../environment.ts';
import { recordLost } from '../lost-run.ts';
import { ATTEMPTS_MAX, type Plan } from '../plan.ts';
import { runFolder } from '../run-folder.ts';
import { runLimitMs } from '../run-limit.ts';
import { type Performed, type Performer, Worker } from '../worker.ts';
import { type Identity, queueName } from './identity.ts';
import { Lanes } from './lanes.ts';
import { type Done, type Hello, nightKey, orderSchema, type QueuedOrder, WORKERS } from './order.ts';
import { ParcelTooLarge, packRun } from './parcel.ts';
import { PREFIX, type QueueServer } from './server.ts';

/** Nobody else takes a run as long as its lock holds; a worker that lives renews it in half of that time. */
const LOCK_MS = 15_000;
const LOOK_FOR_DEAD_MS = 4000;
/** The files of a run wait so long for a night that was interrupted. */
const FILES_HOLD_S = 3600;
const END_LIMIT_MS = 5000;

type RunJob = Job<QueuedOrder, Done>;

/**
 * Takes runs of an equal system out of a queue, and performs them, until the signal fires.
 *
 * @throws AbortError when it does; what was under way is done by others
 * @throws EnvironmentFailed when no run can be performed here, or the queue has gone
 */
export async function serveQueue(request: {
  readonly server: QueueServer;
  readonly identity: Identity;
  readonly images: Images;
  readonly labs: number;
  readonly scenarios: readonly Scenario[];
  /** Starts a process that performs runs; by default one with labs of this machine. */
  readonly hire?: (plan: Plan, limitMs: (scenario: string) => number | undefined) => Performer;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<never> {
  const { server, identity, labs, say, signal } = request;
  const { redis, bull } = server;
  await removeLeftFolders();
  await using own = await temporaryFolder('worker');
  const folder = own.path;
  const name = `${hostname()}-${process.pid}`;
  const end = Promise.withResolvers<never>();
  end.promise.catch(() => {});
  server.lost.catch(end.reject);
  const lanes = new Lanes(labs);
  const { hire = (...given) => new Worker(...given) } = request;
  let isEnding = false;

  const named = (wanted: string) => {
    const scenario = request.scenarios.find((each) => each.name === wanted);
    if (!scenario) throw new bull.UnrecoverableError(`This worker has no scenario "${wanted}".`);
    return scenario;
  };
  const giveBack = async (job: RunJob, token: string): Promise<never> => {
    await job.moveToWait(token);
    throw new bull.WaitingError();
  };
  const deliver = async (job: RunJob, token: string, performed: Performed): Promise<Done> => {
    const { night, run } = job.data;
    if ('failed' in performed) {
      end.reject(environmentFailedBy(performed.failed) ?? new Error(performed.failed));
      return giveBack(job, token);
    }
    const { status, reason } = performed.outcome;
    say(`${runName(run)}: ${status}${status === 'passed' || !reason ? '' : `: ${reason}`}`);
    const files = `${PREFIX}:files:${job.id}:${token}`;
    const place = join(folder, night, runFolder(run));
    await redis.set(files, await parcelOf(join(folder, night), run), 'EX', FILES_HOLD_S);
    await rm(place, { recursive: true });
    return { files, worker: name };
  };
  const perform = async (job: RunJob, token = ''): Promise<Done> => {
    const { night, run, phaseShare, seed, set, reuse } = orderSchema.parse(job.data);
    if (isEnding) return giveBack(job, token);
    if ((await redis.exists(nightKey(night))) === 0)
      throw new bull.UnrecoverableError('Its night has ended.');
    const plan: Plan = {
      folder: join(folder, night),
      images: request.images,
      ...{ jobs: {}, seed, set, reuse, keep: false },
    };
    return lanes.perform(
      JSON.stringify(plan),
      () => hire(plan, (scenario) => runLimitMs(named(scenario), set)),
      { run, phaseShare, file: named(run.scenario).file ?? '', atMs: clockMs() },
      (stage) => job.updateProgress({ stage }).catch(() => {}),
      (performed) => deliver(job, token, performed),
    );
  };

  const hello: Hello = { name, labs, ...identity };
  await using _there = await server.announce(`${WORKERS}${name}`, hello);
  const pulls = [identity.machine, undefined].map((machine) =>
    new bull.Worker<QueuedOrder, Done>(queueName(identity, machine), perform, {
      connection: redis,
      prefix: PREFIX,
      name,
      concurrency: labs,
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_FOR_DEAD_MS,
      maxStalledCount: ATTEMPTS_MAX,
    })
      // The server's own connection says when it is lost.
      .on('error', () => {})
      .on('drained', () => lanes.releaseIdle()),
  );
  const abort = () => end.reject(signal.reason);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await end.promise;
  } finally {
    isEnding = true;
    await lanes[Symbol.asyncDispose]();
    await Promise.race([Promise.all(pulls.map((pull) => pull.close())), delay(END_LIMIT_MS)]);
  }
}

/** The files of a run; where they are too large, the verdict says so in their place. */
async function parcelOf(folder: string, run: RunId): Promise<Buffer> {
  const place = join(folder, runFolder(run));
  try {
    return await packRun(place);
  } catch (error) {
    if (!(error instanceof ParcelTooLarge)) throw error;
    await rm(place, { recursive: true });
    await recordLost(folder, run, error.message);
    return packRun(place);
  }
}
