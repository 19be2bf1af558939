import { scaleLinear, scalePoint } from 'd3-scale';
import { line } from 'd3-shape';
import { length } from '../../analysis/statistics/milliseconds.ts';
import type { TrendPoint } from '../content/background.ts';
import { notOverText } from '../content/figures.ts';
import { html, many, type Piece } from './html.ts';
import { markPath } from './mark.ts';

const WIDTH = 960;
const LEFT = 70;
const RIGHT = 20;
const TOP = 16;
const HEIGHT = 150;

interface Level {
  readonly point: TrendPoint;
  /** Null where too many runs were not over: the mark is at the top then. */
  readonly median: number | null;
  readonly ci95: readonly [number, number | null] | null;
}

/** The median of each invocation, oldest first; `points` are of one scenario. */
export function trendChart(points: readonly TrendPoint[]): Piece {
  const levels: readonly Level[] = points
    .flatMap((point) => (point.outage ? [{ point, ...point.outage }] : []))
    .sort((a, b) => a.point.startedAt.localeCompare(b.point.startedAt));
  if (levels.length < 2) return undefined;
  const ends = levels
    .flatMap(({ point, median, ci95 }) => [
      ...[median, ...(ci95 ?? []), point.packetOutage?.median ?? null],
      ...(point.demanded ? [point.demanded.min, point.demanded.max] : []),
    ])
    .filter((ms) => ms !== null && Number.isFinite(ms)) as number[];
  if (ends.length === 0) return undefined;
  const y = scaleLinear([Math.min(...ends), Math.max(...ends)], [TOP + HEIGHT, TOP]).nice();
  const x = scalePoint(
    levels.map(({ point }) => point.id),
    [LEFT, WIDTH - RIGHT],
  ).padding(0.5);
  const px = (id: string) => Math.round((x(id) ?? 0) * 10) / 10;
  const py = (ms: number | null) => (ms === null ? TOP : Math.round(Math.max(TOP, y(ms)) * 10) / 10);
  const path = line<Level>(
    ({ point }) => px(point.id),
    ({ median }) => py(median),
  ).digits(1)(levels);
  const last = levels.at(-1);
  const every = Math.ceil(levels.length / 8);
  const base = TOP + HEIGHT;
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${base + 40}" role="img" aria-label="${`Median outage over ${many(levels.length, 'invocation')}, from ${levels[0] ? levelText(levels[0]) : ''} to ${last ? levelText(last) : ''}.`}">
    ${y.ticks(4).map(
      (ms) => html`<g><line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${py(ms)}" y2="${py(ms)}" />
      <text class="tick right" x="${LEFT - 8}" y="${py(ms) + 4}">${length(ms)}</text></g>`,
    )}
    <path class="trend" d="${path ?? ''}" />
    ${levels.map(({ point, median, ci95 }, n) => {
      const before = levels[n - 1]?.point;
      const moved = before && before.fingerprint !== point.fingerprint;
      const at = px(point.id);
      const edge = before ? (px(before.id) + at) / 2 : at;
      const { demanded, packetOutage } = point;
      return html`<g>
        ${demanded && html`<rect class="demanded" x="${at - 7}" y="${py(demanded.max) - 2}" width="14" height="${py(demanded.min) - py(demanded.max) + 4}" />`}
        ${packetOutage && packetOutage.median !== null && html`<line class="packets" x1="${at - 4}" x2="${at + 4}" y1="${py(packetOutage.median)}" y2="${py(packetOutage.median)}"><title>${`packets: ${length(packetOutage.median)}`}</title></line>`}
        ${moved && html`<line class="other-machine" x1="${edge}" x2="${edge}" y1="${TOP}" y2="${base}"><title>another environment from here on</title></line>`}
        ${point.changePoint && html`<g><line class="change" x1="${edge}" x2="${edge}" y1="${TOP}" y2="${base}" /><text class="small" x="${edge + 4}" y="${TOP + 8}">${point.changePoint}</text></g>`}
        ${ci95 && html`<line class="whisker" x1="${at}" x2="${at}" y1="${py(ci95[0])}" y2="${py(ci95[1])}" />`}
        <path class="mark ${point.status}" d="${markPath(point.status, at, py(median))}"><title>${`${point.startedAt.slice(0, 16).replace('T', ' ')}: ${levelText({ point, median })} over ${many(point.n, 'run')}`}</title></path>
        ${(levels.length - 1 - n) % every === 0 && html`<text class="tick" x="${at}" y="${base + 16}">${point.startedAt.slice(5, 10)}</text>`}
      </g>`;
    })}
    <text class="tick" x="${(LEFT + WIDTH) / 2}" y="${base + 33}">invocations, oldest first; the last is this one</text>
  </svg>`;
}

function levelText({ point, median }: Pick<Level, 'point' | 'median'>): string {
  const notOver = notOverText(point);
  if (median === null) return notOver ?? 'no figure';
  return `${length(median)}${notOver ? `, ${notOver}` : ''}`;
}
