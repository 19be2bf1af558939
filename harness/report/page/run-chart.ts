import { scaleLinear } from 'd3-scale';
import { length } from '../../analysis/statistics/milliseconds.ts';
import { PHASES } from '../../analysis/timeline/phases.ts';
import type { RunResult } from '../../result/result.ts';
import { html, type Piece } from './html.ts';
import type { RunPicture } from './run-picture.ts';

const WIDTH = 960;
const LEFT = 104;
const RIGHT = 12;
const STRIP_TOP = 22;
const STRIP_HEIGHT = 16;
const REQUESTS_TOP = 50;
const REQUESTS_HEIGHT = 58;
const LANES_TOP = 122;
const LANE_HEIGHT = 26;

/**
 * A run over time: the phases of the outage, the requests, and for each amphora when it had the VIP, when it
 * advertised and when it announced the VIP.
 *
 * @param machines each has its lane and its colour; by default those that the run names
 */
export function runChart(run: RunResult, picture: RunPicture, machines?: readonly string[]): Piece {
  const { fromMs, toMs, requests, holders } = picture;
  const x = scaleLinear([fromMs, toMs], [LEFT, WIDTH - RIGHT]);
  const px = (ms: number) => tenths(x(Math.min(toMs, Math.max(fromMs, ms))));
  const named = [
    ...holders.map(({ node }) => node),
    ...run.events.filter(({ kind }) => kind === 'advertisement').map(({ source }) => source),
    ...requests.nodes,
  ];
  const lanes = machines ?? [...new Set(named)].sort();
  const bottom = LANES_TOP + lanes.length * LANE_HEIGHT;
  const outage = outageOf(run);
  const heal = run.events.find(({ kind, atMs }) => kind === 'heal' && atMs > 0);
  return html`<svg class="chart run" viewBox="0 0 ${WIDTH} ${bottom + 36}" role="img" aria-label="${ariaLabel(run)}">
    <rect class="fault" x="${px(0)}" y="18" width="${tenths(px(heal?.atMs ?? toMs) - px(0))}" height="${bottom - 18}" />
    <text class="label" x="0" y="${STRIP_TOP + 12}">phases</text>
    ${outage && phaseStrip(run, outage.fromMs, px, STRIP_TOP)}
    <text class="label" x="0" y="${REQUESTS_TOP + 20}">requests</text>
    <text class="small" x="0" y="${REQUESTS_TOP + 34}">${`per ${requests.spaceMs} ms`}</text>
    ${requestBars(picture, lanes, px)}
    ${lanes.map((node, n) => lane(run, picture, node, n, px))}
    <line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom + 4}" y2="${bottom + 4}" />
    <g class="tick">${x
      .ticks(6)
      .map(
        (ms) =>
          html`<text x="${px(ms)}" y="${bottom + 18}">${ms === 0 ? '0' : `${(ms / 1000).toLocaleString('en')} s`}</text>`,
      )}</g>
    <text class="tick" x="${(LEFT + WIDTH) / 2}" y="${bottom + 33}">${`time since the ${struckIn(run).kind}`}</text>
    <line class="fault-line" x1="${px(0)}" x2="${px(0)}" y1="14" y2="${bottom + 4}" />
    <text class="fault-label" x="${px(0) + 4}" y="14">${struckIn(run).text}</text>
  </svg>`;
}

/**
 * What has just happened, over time up to now: requests, and for each machine when it had the VIP, advertised and announced
 * it; a line for each thing that was done.
 */
export function recentChart(
  events: RunResult['events'],
  picture: Omit<RunPicture, 'log'>,
  lanes: readonly string[],
): Piece {
  const { fromMs, toMs, requests } = picture;
  const x = scaleLinear([fromMs, toMs], [LEFT, WIDTH - RIGHT]);
  const px = (ms: number) => tenths(x(Math.min(toMs, Math.max(fromMs, ms))));
  const up = LANES_TOP - REQUESTS_TOP - REQUESTS_HEIGHT;
  const bottom = LANES_TOP + lanes.length * LANE_HEIGHT;
  const deeds = events.filter(({ kind }) => DEEDS.has(kind));
  return html`<svg class="chart run" viewBox="0 ${up} ${WIDTH} ${bottom + 24 - up}" role="img" aria-label="The last ${length(toMs - fromMs)}">
    <text class="label" x="0" y="${REQUESTS_TOP + 20}">requests</text>
    <text class="small" x="0" y="${REQUESTS_TOP + 34}">${`per ${requests.spaceMs} ms`}</text>
    ${requestBars(picture, lanes, px)}
    ${lanes.map((node, n) => lane({ events }, picture, node, n, px))}
    <line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom + 4}" y2="${bottom + 4}" />
    <g class="tick">${x.ticks(6).map((ms) => html`<text x="${px(ms)}" y="${bottom + 18}">${ms === 0 ? 'now' : `${ms / 1000} s`}</text>`)}</g>
    ${labelled(deeds, px).map(({ kind, left, onLeft, row, text }) => {
      const isFault = kind === 'fault';
      return html`<line class="${isFault ? 'fault-line' : 'deed-line'}" x1="${left}" x2="${left}" y1="${up + 2}" y2="${bottom + 4}" />
      ${row !== undefined && html`<text class="${isFault ? 'fault-label' : 'small'} ${onLeft && 'right'}" x="${left + (onLeft ? -4 : 4)}" y="${up + 11 + row * 12}">${text}</text>`}`;
    })}
  </svg>`;
}

/** Each deed with the row of its label: where there is no room in any, it has none, as the list of events names it too. */
function labelled(deeds: RunResult['events'], px: (ms: number) => number) {
  const taken: { readonly row: number; readonly from: number; readonly to: number }[] = [];
  return deeds.map(({ atMs, kind, source, detail }) => {
    const text = `${detail}, ${source}`;
    const left = px(atMs);
    const onLeft = left > (LEFT + WIDTH) / 2;
    const width = text.length * LETTER + 8;
    const [from, to] = onLeft ? [left - width, left] : [left, left + width];
    const row = [0, 1].find((n) => !taken.some((each) => each.row === n && each.from < to && from < each.to));
    if (row !== undefined) taken.push({ row, from, to });
    return { kind, left, onLeft, row, text };
  });
}

const DEEDS = new Set(['fault', 'heal', 'change', 'mark']);

/** The width of a letter of a label, at most as a rule. */
const LETTER = 6;
/** Less is 0.0 ms in print. */
const SHOWN_MS = 0.05;

/** The phases after the first, which take milliseconds and vanish beside it, on a scale of their own. */
export function takeOverChart(run: RunResult): Piece {
  const outage = outageOf(run);
  const { phases } = run;
  if (!outage || !phases) return undefined;
  const fromMs = outage.fromMs + (phases[PHASES[0]?.name ?? ''] ?? 0);
  const lengthMs = outage.toMs - fromMs;
  if (lengthMs < SHOWN_MS || lengthMs > 0.25 * (outage.toMs - outage.fromMs)) return undefined;
  const x = scaleLinear([fromMs, outage.toMs], [LEFT, WIDTH - RIGHT]);
  const px = (ms: number) => tenths(x(Math.max(fromMs, ms)));
  return html`<svg class="chart run" viewBox="0 0 ${WIDTH} 44" role="img" aria-label="${`The last ${length(lengthMs)} of the outage, magnified`}">
    <text class="label" x="0" y="14">magnified</text>
    <text class="small" x="0" y="28">${`last ${length(lengthMs)}`}</text>
    ${phaseStrip(run, outage.fromMs, px, 2)}
    <g class="tick">${x
      .ticks(6)
      .map((ms) => html`<text x="${px(ms)}" y="34">${`${ms.toLocaleString('en')} ms`}</text>`)}</g>
  </svg>`;
}

/** The outage as it lies in time. */
function outageOf({ events, metrics }: RunResult): { fromMs: number; toMs: number } | undefined {
  const from = events.find(({ kind, detail }) => kind === 'request' && detail.startsWith('last answered'));
  return from && metrics.outage !== undefined
    ? { fromMs: from.atMs, toMs: from.atMs + metrics.outage }
    : undefined;
}

/** What the run is judged by: a fault, or an operator's change. */
function struckIn({ episodes, faultAt, events }: RunResult): {
  readonly kind: string;
  readonly text: string;
} {
  const judged = episodes.find(({ at }) => at.ns === faultAt?.ns);
  const event = events.find(({ kind, detail }) =>
    judged ? kind === judged.kind && detail.startsWith(judged.name) : kind === 'fault',
  );
  const kind = event?.kind ?? 'fault';
  const text = `${kind}${event ? ` at ${event.source}: ${event.detail}` : ''}`;
  return { kind, text: text.length > 96 ? `${text.slice(0, 95)}…` : text };
}

function phaseStrip(run: RunResult, startMs: number, px: (ms: number) => number, top: number): Piece {
  let fromMs = startMs;
  return PHASES.map(({ name }) => {
    const lengthMs = run.phases?.[name] ?? 0;
    const left = px(fromMs);
    fromMs += lengthMs;
    const width = Math.max(lengthMs > 0 ? 1 : 0, tenths(px(fromMs) - left));
    if (width === 0) return undefined;
    const text = `${name} ${length(lengthMs)}`;
    return html`<g><rect class="phase ${name}" x="${left}" y="${top}" width="${width}" height="${STRIP_HEIGHT}"/>${
      width > text.length * LETTER + 12 &&
      html`<text class="in-phase" x="${left + 6}" y="${top + 12}">${text}</text>`
    }</g>`;
  });
}

/** One path for each kind: answered in the amphora's colour, lost hatched, stacked. */
function requestBars(
  picture: Omit<RunPicture, 'log'>,
  lanes: readonly string[],
  px: (ms: number) => number,
): Piece {
  const { requests, fromMs } = picture;
  const { counts, nodes, spaceMs } = requests;
  const kinds = counts.map(({ answered, lost }) => [...nodes.map((_, kind) => answered[kind] ?? 0), lost]);
  const below = (n: number, kind: number) =>
    (kinds[n] ?? []).slice(0, kind).reduce((sum, count) => sum + count, 0);
  const most = Math.max(1, ...kinds.map((_, n) => below(n, nodes.length + 1)));
  const y = scaleLinear([0, most], [REQUESTS_TOP + REQUESTS_HEIGHT, REQUESTS_TOP]);
  const py = (count: number) => Math.round(y(count));
  const path = (kind: number) => {
    let text = '';
    for (let n = 0; n < kinds.length; n++) {
      const count = kinds[n]?.[kind] ?? 0;
      const start = n;
      // Equal neighbours are one box: hundreds of runs have to fit on a page.
      while (kinds[n + 1]?.[kind] === count && below(n + 1, kind) === below(start, kind)) n++;
      if (count === 0) continue;
      const bottom = below(start, kind);
      text += `M${px(fromMs + start * spaceMs)} ${py(bottom)}V${py(bottom + count)}H${px(fromMs + (n + 1) * spaceMs)}V${py(bottom)}z`;
    }
    return text;
  };
  return html`<g>
    ${nodes.map((node, kind) => html`<path class="${colourOf(lanes, node)}" d="${path(kind)}" />`)}
    <path class="lost" d="${path(nodes.length)}" />
    <line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${py(0)}" y2="${py(0)}" />
  </g>`;
}

function lane(
  run: Pick<RunResult, 'events'>,
  picture: Omit<RunPicture, 'log'>,
  node: string,
  n: number,
  px: (ms: number) => number,
): Piece {
  const top = LANES_TOP + n * LANE_HEIGHT;
  // Marks within a tenth of a pixel are drawn as one.
  const instants = (kind: string) => [
    ...new Set(
      run.events
        .filter((event) => event.kind === kind && event.source === node)
        .filter(({ atMs }) => atMs >= picture.fromMs && atMs <= picture.toMs)
        .map(({ atMs }) => px(atMs)),
    ),
  ];
  return html`<g>
    <text class="label" x="0" y="${top + 15}">${node}</text>
    ${picture.holders
      .filter((holder) => holder.node === node)
      .map(
        ({ fromMs, toMs, heard }) =>
          html`<rect class="holds ${heard ? colour(n) : 'unheard'}" x="${px(fromMs)}" y="${top + 4}" width="${tenths(Math.max(1, px(toMs) - px(fromMs)))}" height="14"><title>${heard ? 'has the VIP' : 'not heard of any more'}</title></rect>`,
      )}
    <path class="advertisement" d="${instants('advertisement')
      .map((left) => `M${left} ${top}v22`)
      .join('')}" />
    <path class="garp" d="${instants('gratuitous ARP')
      .map((left) => `M${left} ${top - 1}l4 6h-8z`)
      .join('')}" />
  </g>`;
}

const tenths = (value: number) => Math.round(value * 10) / 10;

const COLOURS = ['one', 'two', 'three', 'four'] as const;
const colour = (n: number) => COLOURS[n % COLOURS.length] ?? 'one';
const colourOf = (lanes: readonly string[], node: string) => colour(Math.max(0, lanes.indexOf(node)));

/** The phases follow in a table. */
function ariaLabel({ index, metrics }: RunResult): string {
  const outage =
    metrics.outage === undefined ? 'no outage was measured' : `cut off for ${length(metrics.outage)}`;
  return `Run ${index} over time: ${outage}.`;
}
