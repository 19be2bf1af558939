import { join } from 'node:path';
import type { Pair } from '../analysis/verdict/facts.ts';
import type { Observation } from '../observations/observation.ts';
import { html } from '../report/page/html.ts';
import { STATUS_TEXT } from '../report/page/verdict.ts';
import { type Progress, type RunEnd, type RunId, runName, type Stage, Tally } from '../result/progress.ts';
import type { Result } from '../result/result.ts';
import { RUN_FILES, readBegun, runFolder } from '../run/run-folder.ts';
import { UsageError } from '../usage-error.ts';
import { JournalTails } from './journals.ts';
import { livePage } from './page.ts';
import { isReplayable, replaySite } from './replay.ts';
import type { Site } from './server.ts';
import { Follower, isDeed, sceneOf } from './state.ts';
import { Tail } from './tail.ts';
import { deedText, type Fragments, fragmentsOf } from './view.ts';

/** The runs of a command while they are performed: one until it ends, then the newest one. Their replay after that. */
export class FollowedRuns implements Site {
  readonly #folder: string;
  readonly #title: string;
  readonly #total: number;
  readonly #tally: Tally;
  readonly #stages = new Map<string, { readonly run: RunId; readonly stage: Stage }>();
  #shown: FollowedRun | undefined;
  #verdict = '';
  #replay: Site | undefined;

  /**
   * @param folder of the command's report
   * @param title what is run
   */
  constructor(folder: string, title: string, total: number) {
    this.#folder = folder;
    this.#title = title;
    this.#total = total;
    this.#tally = new Tally(total);
  }

  #stage(run: RunId, stage: Stage): void {
    this.#tally.stage(run, stage);
    this.#stages.set(runName(run), { run, stage });
    if (!this.#shown || !this.#stages.has(this.#shown.name)) this.#show(run);
  }

  #ended(run: RunId, end: RunEnd, again: boolean): void {
    this.#tally.ended(run, end, again);
    this.#stages.delete(runName(run));
    const reason = end.status !== 'passed' && end.reason ? `: ${end.reason}` : '';
    this.#verdict = `${runName(run)} ${STATUS_TEXT[end.status].word}${reason}${again ? ' (it is repeated)' : ''}. `;
    const next = [...this.#stages.values()].at(-1);
    if (next && this.#shown?.name === runName(run)) this.#show(next.run);
  }

  /** A view that shows what the given one does, and follows the run. */
  beside(view: Pick<Progress, 'stage' | 'ended'>): Pick<Progress, 'stage' | 'ended'> {
    return {
      stage: (run, stage) => {
        view.stage(run, stage);
        this.#stage(run, stage);
      },
      ended: (run, end, again) => {
        view.ended(run, end, again);
        this.#ended(run, end, again);
      },
    };
  }

  /**
   * All runs are over: from now on they are replayed.
   *
   * @returns false where none left a history
   */
  replay(result: Result): boolean {
    if (!isReplayable(result)) return false;
    this.#replay = replaySite(this.#folder, result);
    return true;
  }

  async page(run: number): Promise<string> {
    if (this.#replay) return this.#replay.page(run);
    const { lead = '', ...parts } = await this.now();
    return livePage({ title: this.#title, lead: html`${lead}` }, parts);
  }

  async now(): Promise<Fragments> {
    if (this.#replay) return { mode: 'replay' };
    const stage = this.#shown && this.#stages.get(this.#shown.name)?.stage;
    const now = this.#shown ? `${this.#shown.name}${stage ? `: ${stage}` : ''}` : 'the first run begins';
    const { done } = this.#tally.snapshot();
    const lead = `${this.#verdict}${done} of ${this.#total} ${this.#total === 1 ? 'run' : 'runs'} over; ${now}.`;
    return { ...((await this.#shown?.now()) ?? NOTHING_YET), lead };
  }

  async at(run: number, atMs: number): Promise<Fragments> {
    if (!this.#replay?.at) throw new UsageError('The run is not over yet: it cannot be replayed.');
    return this.#replay.at(run, atMs);
  }

  #show(run: RunId): void {
    this.#shown = new FollowedRun(join(this.#folder, runFolder(run)), runName(run));
  }
}

const EMPTY = '<p class="empty">Nothing has been observed yet.</p>';
const NOTHING_YET: Fragments = {
  status: 'The pair is not steady yet: what follows is shown from then on.',
  ...{ topology: EMPTY, 'time-line': EMPTY, episodes: EMPTY, events: EMPTY, journals: EMPTY },
};

/** A run that is under way, by what it writes into its folder. */
class FollowedRun {
  readonly name: string;
  readonly #folder: string;
  readonly #history: Tail;
  readonly #tails: JournalTails;
  readonly #members = new Set<string>();
  readonly #deeds: string[] = [];
  #begun: { readonly pair: Pair; readonly journals: Readonly<Record<string, string>> } | undefined;
  #follower: Follower | undefined;
  #originNs: bigint | undefined;
  #reading: Promise<void> | undefined;

  constructor(folder: string, name: string) {
    this.name = name;
    this.#folder = folder;
    this.#history = new Tail(join(folder, RUN_FILES.history));
    this.#tails = new JournalTails(folder);
  }

  /** Undefined before the pair is steady. */
  async now(): Promise<Fragments | undefined> {
    // Two browsers may ask at once.
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
    return (
      this.#follower &&
      fragmentsOf(this.#follower.at(BigInt(Date.now()) * 1_000_000n), {
        ...{ members: [...this.#members].sort(), episodes: [], open: this.#deeds },
        originNs: this.#originNs ?? 0n,
      })
    );
  }

  async #readOn(): Promise<void> {
    if (!this.#begun) {
      const begun = await readBegun(this.#folder);
      if (!begun?.pair) return;
      this.#begun = { pair: begun.pair, journals: begun.journals };
    }
    const { pair, journals } = this.#begun;
    const history = (await this.#history.more()).map((line) => JSON.parse(line) as Observation);
    this.#follower ??= new Follower(sceneOf(pair, history));
    const follower = this.#follower;
    for (const line of await this.#tails.more(journals)) follower.see(line);
    for (const entry of history) {
      this.#originNs ??= BigInt(entry.atNs);
      follower.see(entry);
      if (entry.kind === 'request' && entry.member) this.#members.add(entry.member);
      if (isDeed(entry)) this.#deeds.push(deedText(entry));
    }
  }
}
