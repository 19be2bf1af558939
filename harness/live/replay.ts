import { join } from 'node:path';
import type { StoredRun } from '../analysis/verdict/facts.ts';
import { runFolder, runLabel } from '../report/content/run-label.ts';
import { html } from '../report/page/html.ts';
import { STATUS_TEXT } from '../report/page/verdict.ts';
import type { Result, RunResult } from '../result/result.ts';
import { readStoredRun } from '../run/run-folder.ts';
import { UsageError } from '../usage-error.ts';
import { type MeasuredEpisode, measured } from './episode.ts';
import { linesOf } from './journals.ts';
import { livePage } from './page.ts';
import type { Site } from './server.ts';
import { type Happening, isDeed, knownNs, type Scene, sceneOf, stateAt } from './state.ts';
import { deedText, type Fragments, fragmentsOf } from './view.ts';

/** A stored run, as it can be shown at any instant. */
interface Replayed {
  readonly scene: Scene;
  /** In the order in which it was known. */
  readonly history: readonly Happening[];
  readonly episodes: readonly MeasuredEpisode[];
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

/** Whether a run left a history that can be shown: something was done in it. */
export function isReplayed(run: RunResult): boolean {
  return run.faultAt !== undefined && runFolder(run) !== undefined;
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
 * @param verdict what each episode was predicted
 * @throws UsageError where the run ended before the VIP had a holder
 */
export function replayedRun(stored: StoredRun, verdict: Pick<RunResult, 'episodes'>): Replayed {
  const { facts, history, journals } = stored;
  const { pair } = facts;
  if (!pair) throw new UsageError('The run ended before the VIP had a holder: there is nothing to replay.');
  const happenings: readonly Happening[] = [
    ...history,
    ...Object.entries(journals).flatMap(([node, text]) => linesOf(node, text)),
  ].toSorted((one, other) => Number(knownNs(one) - knownNs(other)));
  const seen = history.map(knownNs).sort((one, other) => Number(one - other));
  const deeds = history.filter(isDeed);
  return {
    scene: sceneOf(pair),
    history: happenings,
    episodes: episodesOf(stored, deeds, verdict),
    // Journals begin with the machines' boot, and observation later.
    fromNs: seen[0] ?? 0n,
    toNs: seen.at(-1) ?? 0n,
  };
}

function episodesOf(
  stored: StoredRun,
  deeds: readonly MeasuredEpisode['deed'][],
  { episodes }: Pick<RunResult, 'episodes'>,
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
    const found = measured(stored, deed, outage && (() => outage));
    const { outageFrom = 0, outage: lengthMs = 0 } = found.run.metrics;
    // It is known with the first answer after the outage.
    const endNs =
      BigInt(deed.doneNs ?? deed.atNs) + BigInt(Math.round(Math.max(0, outageFrom + lengthMs) * 1e6));
    return { ...found, knownNs: endNs };
  });
}

/** The parts of the page at an instant, ms after the run's history began. */
export function shownAt({ scene, history, episodes, fromNs }: Replayed, atMs: number): Fragments {
  const atNs = fromNs + BigInt(Math.round(atMs * 1e6));
  const members = new Set<string>();
  for (const entry of history) if (entry.kind === 'request' && entry.member) members.add(entry.member);
  return fragmentsOf(stateAt(history, scene, atNs), {
    members: [...members].sort(),
    episodes: episodes.filter(({ knownNs: ns }) => ns <= atNs),
    open: episodes
      .filter(({ deed, knownNs: ns }) => BigInt(deed.atNs) <= atNs && ns > atNs)
      .map(({ deed }) => deedText(deed)),
    originNs: fromNs,
  });
}
