import { join } from 'node:path';
import type { StoredRun } from '../analysis/verdict/facts.ts';
import { runFolder, runLabel } from '../report/content/run-label.ts';
import { html } from '../report/page/html.ts';
import { STATUS_TEXT } from '../report/page/verdict.ts';
import type { Result, RunResult } from '../result/result.ts';
import { readStoredRun } from '../run/run-folder.ts';
import { UsageError } from '../usage-error.ts';
import { type MeasuredEpisode, measured, runOf } from './episode.ts';
import { Film } from './film.ts';
import { linesOf } from './journals.ts';
import { livePage } from './page.ts';
import type { Site } from './server.ts';
import { isDeed, knownNs, sceneOf } from './state.ts';
import { deedText, type Fragments, fragmentsOf } from './view.ts';

/** A stored run, as it can be shown at any instant. */
interface Replayed {
  readonly film: Film;
  /** Back ends that have answered, by name. */
  readonly members: readonly string[];
  readonly episodes: readonly MeasuredEpisode[];
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

/** Whether a run left a history that can be shown: something was done in it. */
function isReplayed(run: RunResult): boolean {
  return run.faultAt !== undefined && runFolder(run) !== undefined;
}

/** Whether any of a result's runs left one. */
export function isReplayable({ scenarios }: Result): boolean {
  return scenarios.some(({ runs }) => runs.some(isReplayed));
}

/**
 * The runs of a stored result, to scrub through.
 *
 * @param folder where the result lies
 * @throws UsageError where none of its runs left a history
 */
export function replaySite(folder: string, { scenarios }: Result): Site {
  const runs = scenarios.flatMap(({ name, runs }) =>
    runs.flatMap((run) => {
      const place = isReplayed(run) ? runFolder(run) : undefined;
      return place === undefined ? [] : [{ label: `${name}, ${runLabel(run)}`, place, run }];
    }),
  );
  if (runs.length === 0)
    throw new UsageError(`${folder} holds no run with a history that could be replayed.`);
  let shown: { readonly n: number; readonly replayed: Promise<Replayed> } | undefined;
  // One at a time is in memory: a night has hundreds.
  const replayed = (n: number) => {
    const chosen = runs[n];
    if (!chosen) throw new UsageError(`run must be a number from 0 to ${runs.length - 1}; found ${n}.`);
    if (shown?.n !== n) shown = { n, replayed: readReplayed(join(folder, chosen.place), chosen.run) };
    return shown.replayed;
  };
  return {
    async page(n) {
      const { fromNs, toNs, ...rest } = await replayed(n);
      const lengthMs = Number(toNs - fromNs) / 1e6;
      const { label = '', run } = runs[n] ?? {};
      const lead = html`A stored run: ${run && STATUS_TEXT[run.status].word}${run?.reason && `, ${run.reason}`}. Move the time to see the lab at any instant.`;
      return livePage(
        { title: label, lead, replay: { lengthMs, runs: runs.map((each) => each.label), run: n } },
        shownAt({ fromNs, toNs, ...rest }, lengthMs),
      );
    },
    at: async (n, atMs) => shownAt(await replayed(n), atMs),
  };
}

async function readReplayed(folder: string, run: RunResult): Promise<Replayed> {
  return replayedRun(await readStoredRun(folder), run);
}

/**
 * Makes a stored run ready to be shown.
 *
 * @param verdict the figures of its episodes, and whether they count
 * @throws UsageError where the run ended before the VIP had a holder
 */
export function replayedRun(stored: StoredRun, verdict: Pick<RunResult, 'episodes' | 'status'>): Replayed {
  const { facts, history, journals } = stored;
  const { pair } = facts;
  if (!pair) throw new UsageError('The run ended before the VIP had a holder: there is nothing to replay.');
  const lines = Object.entries(journals).flatMap(([node, text]) => linesOf(node, text));
  // Journals begin with the machines' boot, and observation later.
  let [fromNs, toNs] = [NEVER_NS, 0n];
  for (const ns of history.map(knownNs)) {
    if (ns < fromNs) fromNs = ns;
    if (ns > toNs) toNs = ns;
  }
  const answeredBy = history.flatMap((entry) => (entry.kind === 'request' && entry.member) || []);
  return {
    film: new Film([...history, ...lines], sceneOf(pair, history)),
    members: [...new Set(answeredBy)].sort(),
    episodes: episodesOf(stored, history.filter(isDeed), verdict),
    ...{ fromNs: fromNs === NEVER_NS ? 0n : fromNs, toNs },
  };
}

const NEVER_NS = 2n ** 63n;

function episodesOf(
  stored: StoredRun,
  deeds: readonly MeasuredEpisode['deed'][],
  { episodes, status }: Pick<RunResult, 'episodes' | 'status'>,
): readonly MeasuredEpisode[] {
  return deeds.map((deed, n) => {
    const next = deeds[n + 1];
    const own = episodes.find(
      ({ name, at }) =>
        name === deed.name &&
        BigInt(at.ns) >= BigInt(deed.atNs) &&
        (!next || BigInt(at.ns) <= BigInt(next.atNs)),
    );
    const outage = own?.predicted?.outage;
    const found = asStored(measured(stored, deed, outage && (() => outage)), own, status);
    const { outageFrom = 0, outage: lengthMs = 0 } = found.run.metrics;
    // It is known with the first answer after the outage.
    const endNs =
      BigInt(deed.doneNs ?? deed.atNs) + BigInt(Math.round(Math.max(0, outageFrom + lengthMs) * 1e6));
    return { ...found, knownNs: endNs };
  });
}

/** With the figures that the report has: those of the whole run, of which an episode by itself is a part. */
function asStored(
  found: MeasuredEpisode,
  own: RunResult['episodes'][number] | undefined,
  status: RunResult['status'],
): MeasuredEpisode {
  if (!own) return found;
  const run = runOf(found.run, own);
  return { ...found, run: status === 'invalid' ? { ...run, status } : run };
}

/** The parts of the page at an instant, ms after the run's history began. */
export function shownAt({ film, members, episodes, fromNs }: Replayed, atMs: number): Fragments {
  const atNs = fromNs + BigInt(Math.round(atMs * 1e6));
  return fragmentsOf(film.at(atNs), {
    members,
    episodes: episodes.filter(({ knownNs: ns }) => ns <= atNs),
    open: episodes
      .filter(({ deed, knownNs: ns }) => BigInt(deed.atNs) <= atNs && ns > atNs)
      .map(({ deed }) => deedText(deed)),
    originNs: fromNs,
  });
}
