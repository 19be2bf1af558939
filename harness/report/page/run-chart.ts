import { scaleLinear } from 'd3-scale';
import { PHASES } from '../../timeline/timeline.ts';
import type { RunResult } from '../result.ts';
import { html, length, type Piece } from './html.ts';
import type { StoredRun } from './stored-run.ts';

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
 */
export function runChart(run: RunResult, stored: StoredRun): Piece {
  const { fromMs, toMs, requests, holders } = stored;
  const x = scaleLinear([fromMs, toMs], [LEFT, WIDTH - RIGHT]);
  const px = (ms: number) => Math.round(x(Math.min(toMs, Math.max(fromMs, ms))) * 10) / 10;
  const lanes = [
    ...new Set([
      ...holders.map(({ node }) => node),
      ...run.events.filter(({ kind }) => kind === 'advertisement').map(({ source }) => source),
      ...requests.nodes,
    ]),
  ].sort();
  const bottom = LANES_TOP + lanes.length * LANE_HEIGHT;
  const outage = outageOf(run);
  const heal = run.events.find(({ kind }) => kind === 'heal');
  return html`<svg class="chart run" viewBox="0 0 ${WIDTH} ${bottom + 36}" role="img" aria-label="${spoken(run)}">
    <rect class="fault" x="${px(0)}" y="18" width="${px(heal?.atMs ?? toMs) - px(0)}" height="${bottom - 18}" />
    <text class="label" x="0" y="${STRIP_TOP + 12}">phases</text>
    ${outage && phaseStrip(run, outage.fromMs, px, STRIP_TOP)}
    <text class="label" x="0" y="${REQUESTS_TOP + 20}">requests</text>
    <text class="small" x="0" y="${REQUESTS_TOP + 34}">${`per ${requests.spaceMs} ms`}</text>
    ${requestBars(stored, lanes, px)}
    ${lanes.map((node, n) => lane(run, stored, node, n, px))}
    <line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom + 4}" y2="${bottom + 4}" />
    ${x
      .ticks(8)
      .map(
        (ms) =>
          html`<text class="tick" x="${px(ms)}" y="${bottom + 18}">${ms === 0 ? '0' : `${(ms / 1000).toLocaleString('en')} s`}</text>`,
      )}
    <text class="tick" x="${(LEFT + WIDTH) / 2}" y="${bottom + 33}">time since the fault</text>
    <line class="fault-line" x1="${px(0)}" x2="${px(0)}" y1="14" y2="${bottom + 4}" />
    <text class="fault-label" x="${px(0) + 4}" y="14">${faultOf(run)}</text>
  </svg>`;
}

/** The phases after the first, which take milliseconds and vanish beside it, on a scale of their own. */
export function takeOverChart(run: RunResult): Piece {
  const outage = outageOf(run);
  const { phases } = run;
  if (!outage || !phases) return undefined;
  const fromMs = outage.fromMs + (phases.detection ?? 0);
  const lengthMs = outage.toMs - fromMs;
  if (lengthMs <= 0 || lengthMs > 0.25 * (outage.toMs - outage.fromMs)) return undefined;
  const x = scaleLinear([fromMs, outage.toMs], [LEFT, WIDTH - RIGHT]);
  const px = (ms: number) => Math.round(x(Math.max(fromMs, ms)) * 10) / 10;
  return html`<svg class="chart run" viewBox="0 0 ${WIDTH} 44" role="img" aria-label="${`The last ${length(lengthMs)} of the outage, magnified`}">
    <text class="label" x="0" y="14">magnified</text>
    <text class="small" x="0" y="28">${`last ${length(lengthMs)}`}</text>
    ${phaseStrip(run, outage.fromMs, px, 2)}
    ${x
      .ticks(6)
      .map((ms) => html`<text class="tick" x="${px(ms)}" y="34">${`${ms.toLocaleString('en')} ms`}</text>`)}
  </svg>`;
}

/** The outage as it lies in time. */
function outageOf({ events, metrics }: RunResult): { fromMs: number; toMs: number } | undefined {
  const from = events.find(({ kind, detail }) => kind === 'request' && detail.startsWith('last answered'));
  return from && metrics.outage !== undefined
    ? { fromMs: from.atMs, toMs: from.atMs + metrics.outage }
    : undefined;
}

function faultOf({ events }: RunResult): string {
  const fault = events.find(({ kind }) => kind === 'fault');
  const text = `fault${fault ? ` at ${fault.source}: ${fault.detail}` : ''}`;
  return text.length > 96 ? `${text.slice(0, 95)}…` : text;
}

function phaseStrip(run: RunResult, startMs: number, px: (ms: number) => number, top: number): Piece {
  let fromMs = startMs;
  return PHASES.map((name) => {
    const lengthMs = run.phases?.[name] ?? 0;
    const left = px(fromMs);
    fromMs += lengthMs;
    const width = Math.max(lengthMs > 0 ? 1 : 0, px(fromMs) - left);
    if (width === 0) return undefined;
    return html`<g><rect class="phase ${name}" x="${left}" y="${top}" width="${width}" height="${STRIP_HEIGHT}"><title>${`${name}: ${length(lengthMs)}`}</title></rect>${
      width > 90 &&
      html`<text class="in-phase" x="${left + 6}" y="${top + 12}">${`${name} ${length(lengthMs)}`}</text>`
    }</g>`;
  });
}

/** One path a kind: answered upwards in the colour of the amphora, lost hanging from the top, hatched. */
function requestBars(stored: StoredRun, lanes: readonly string[], px: (ms: number) => number): Piece {
  const { requests, fromMs } = stored;
  const { counts, nodes, spaceMs } = requests;
  const totals = counts.map(({ answered, lost }) => lost + answered.reduce((sum, n) => sum + (n ?? 0), 0));
  const y = scaleLinear([0, Math.max(1, ...totals)], [0, REQUESTS_HEIGHT]);
  const width = Math.max(1, px(fromMs + spaceMs) - px(fromMs) - 0.6).toFixed(1);
  const base = REQUESTS_TOP + REQUESTS_HEIGHT;
  const bar = (n: number, fromCount: number, count: number) =>
    count > 0
      ? `M${px(fromMs + n * spaceMs)} ${(base - y(fromCount)).toFixed(1)}v-${y(count).toFixed(1)}h${width}v${y(count).toFixed(1)}z`
      : '';
  const before = (n: number, kind: number) =>
    (counts[n]?.answered.slice(0, kind) ?? []).reduce((sum, count) => sum + (count ?? 0), 0);
  return html`<g>
    ${nodes.map((node, kind) => html`<path class="answered ${colourOf(lanes, node)}" d="${counts.map(({ answered }, n) => bar(n, before(n, kind), answered[kind] ?? 0)).join('')}" />`)}
    <path class="lost" d="${counts.map(({ lost }, n) => bar(n, before(n, nodes.length), lost)).join('')}" />
    <line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${base}" y2="${base}" />
  </g>`;
}

function lane(run: RunResult, stored: StoredRun, node: string, n: number, px: (ms: number) => number): Piece {
  const top = LANES_TOP + n * LANE_HEIGHT;
  const instants = (kind: string) =>
    run.events.filter(
      (event) =>
        event.kind === kind &&
        event.source === node &&
        event.atMs >= stored.fromMs &&
        event.atMs <= stored.toMs,
    );
  return html`<g>
    <text class="label" x="0" y="${top + 15}">${node}</text>
    ${stored.holders
      .filter((holder) => holder.node === node)
      .map(
        ({ fromMs, toMs, heard }) =>
          html`<rect class="holds ${heard ? colour(n) : 'unheard'}" x="${px(fromMs)}" y="${top + 4}" width="${Math.max(1, px(toMs) - px(fromMs))}" height="14"><title>${heard ? 'has the VIP' : 'not heard of any more'}</title></rect>`,
      )}
    <path class="advertisement" d="${instants('advertisement')
      .map(({ atMs }) => `M${px(atMs)} ${top}v22`)
      .join('')}" />
    <path class="garp" d="${instants('gratuitous ARP')
      .map(({ atMs }) => `M${px(atMs)} ${top - 1}l4 6h-8z`)
      .join('')}" />
  </g>`;
}

const COLOURS = ['one', 'two', 'three', 'four'] as const;
const colour = (n: number) => COLOURS[n % COLOURS.length] ?? 'one';
const colourOf = (lanes: readonly string[], node: string) => colour(Math.max(0, lanes.indexOf(node)));

function spoken({ index, metrics, phases }: RunResult): string {
  if (metrics.outage === undefined) return `Run ${index} over time; no outage was measured.`;
  const parts = phases ? PHASES.map((name) => `${name} ${length(phases[name] ?? 0)}`).join(', ') : '';
  return `Run ${index} over time: clients were cut off for ${length(metrics.outage)}${parts && `, of which ${parts}`}.`;
}
