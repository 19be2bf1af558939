import { length, signed } from '../analysis/statistics/milliseconds.ts';
import { outageText, range } from '../report/content/figures.ts';
import { html, many, type Piece } from '../report/page/html.ts';
import { recentChart } from '../report/page/run-chart.ts';
import { phaseTable, timeFigure } from '../report/page/scenario-section.ts';
import { STATUS_TEXT } from '../report/page/verdict.ts';
import type { MeasuredEpisode } from './episode.ts';
import type { LiveState, NodeState } from './state.ts';

/** The parts of the page that change, by the id of the element that they fill. */
export type Fragments = Readonly<Record<string, string>>;

/** Beside what a state tells. */
export interface Surroundings {
  /** Back ends by name; those that have answered are among them. */
  readonly members: readonly string[];
  readonly episodes: readonly MeasuredEpisode[];
  /** Things that were done whose outcome is not known yet. */
  readonly open: readonly string[];
  /** Where a machine's story began: instants count from there on. */
  readonly originNs: bigint;
}

const RECENT_MS = 1500;

/** What was done, in few words. */
export function deedText({ what, name, node }: MeasuredEpisode['deed']): string {
  return `${what}: ${name}${node && node !== 'lab' ? `, ${node}` : ''}`;
}

/** Draws a state. */
export function fragmentsOf(state: LiveState, around: Surroundings): Fragments {
  const pieces: Readonly<Record<string, Piece>> = {
    status: statusLine(state),
    topology: topology(state, around),
    'time-line': timeLine(state),
    episodes: episodeList(
      around,
      state.nodes.map(({ name }) => name),
    ),
    events: eventList(state, around),
    journals: journalList(state, around),
  };
  return Object.fromEntries(Object.entries(pieces).map(([id, piece]) => [id, String(piece ?? '')]));
}

function statusLine({ nodes, cutOffMs, lost }: LiveState): Piece {
  const holding = nodes.filter(({ holds }) => holds);
  const seen = holding.filter(({ silentSince }) => silentSince === undefined);
  // A machine that gives no sign is named only where no other one has the VIP.
  const [first, ...others] = seen.length > 0 ? seen : holding;
  const vip =
    first === undefined
      ? 'Nobody has the VIP'
      : seen.length === 0
        ? `${first.name} had the VIP before the ${first.silentSince}`
        : `${seen.map(({ name }) => name).join(' and ')} ${others.length === 0 ? 'has' : 'have'} the VIP`;
  // A run's clients begin shortly before the fault.
  if (cutOffMs === undefined && lost === 0 && nodes.every(({ answered }) => answered === 0))
    return html`<strong>${vip}; no client has asked in the last second.</strong>`;
  const served =
    cutOffMs === undefined
      ? lost > 0
        ? `${many(lost, 'request')} lost in the last second`
        : 'clients are served'
      : `clients have been cut off for ${length(cutOffMs)}`;
  const good = cutOffMs === undefined && lost === 0;
  return html`<strong class="${good ? 'good' : 'bad'}"><span aria-hidden="true">${good ? '✓' : '✗'}</span> ${`${vip}; ${served}.`}</strong>`;
}

function topology(state: LiveState, { members }: Surroundings): Piece {
  const { nodes, routerSendsTo, answeredByMember, lost, ailmentsElsewhere } = state;
  const lossesAt = (member: string) => badges(ailmentsElsewhere[member] ?? []);
  const inSwitch = Object.entries(ailmentsElsewhere)
    .filter(([where]) => !members.includes(where))
    .flatMap(([, ailments]) => ailments);
  const answered = nodes.reduce((sum, node) => sum + node.answered, 0);
  return html`<ol class="way">
    <li class="place"><h3>client</h3><p>${`${answered} answered, ${lost} lost a second`}</p></li>
    <li class="place"><h3>router</h3><p>${routerSendsTo === undefined ? 'has sent nothing to the VIP yet' : `sends the VIP’s packets to ${routerSendsTo}`}</p></li>
    <li class="place"><h3>switch</h3><p>${badges(inSwitch)}${onTheWire(state)}</p></li>
    <li class="machines"><ul>${nodes.map((node, n) => machine(node, n))}</ul></li>
    <li class="place"><h3>back ends</h3>${members.length === 0 ? html`<p>none has answered yet</p>` : html`<ul class="members">${members.map((member) => html`<li>${`${member}: ${answeredByMember[member] ?? 0} a second`}${lossesAt(member)}</li>`)}</ul>`}</li>
  </ol>`;
}

function badges(ailments: readonly string[]): Piece {
  return ailments.map((ailment) => html` <span class="badge failed">${ailment}</span>`);
}

/** What passed the switch just now. */
function onTheWire({ nodes }: LiveState): Piece {
  const passing = nodes.flatMap(({ name, advertisedMsAgo, announcedMsAgo }) => [
    ...(isRecent(announcedMsAgo) ? [`▲ gratuitous ARP of ${name}`] : []),
    ...(isRecent(advertisedMsAgo) ? [`advertisement of ${name}`] : []),
  ]);
  return passing.length === 0
    ? html`no advertisement passes`
    : passing.map((text) => html`<span>${text}</span> `);
}

function isRecent(ms: number | undefined): boolean {
  return ms !== undefined && ms >= 0 && ms < RECENT_MS;
}

const COLOURS = ['one', 'two', 'three', 'four'] as const;

function swatch(n: number): Piece {
  return html`<i class="swatch key-${COLOURS[n % COLOURS.length] ?? 'one'}"></i>`;
}

function machine(node: NodeState, n: number): Piece {
  const { name, vrrpIp, holds, keepalived, haproxy, priority, advertisedMsAgo, answered, ailments } = node;
  if (node.gone)
    return html`<li class="machine gone"><h3>${swatch(n)}${name} <span class="badge skipped">deleted</span></h3></li>`;
  const told = (service: string | undefined) =>
    service === undefined
      ? 'not told yet'
      : `${service}${node.silentSince === undefined ? '' : `, before the ${node.silentSince}`}`;
  const rows: readonly (readonly [string, string])[] = [
    ['keepalived', told(keepalived)],
    ['HAProxy', told(haproxy)],
    [
      'advertised',
      advertisedMsAgo === undefined ? 'never' : `${length(advertisedMsAgo)} ago, priority ${priority}`,
    ],
    ['answers', `${answered} a second`],
  ];
  return html`<li class="machine ${holds && 'holder'}"><h3 data-machine="${name}">${swatch(n)}${name}
    ${holds && html`<span class="badge vip">VIP</span>`}</h3>
    <p class="title">${vrrpIp}${badges(ailments)}</p>
    <dl>${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl></li>`;
}

function timeLine({ recent, nodes }: LiveState): Piece {
  const { fromMs, requests, holders, events } = recent;
  return recentChart(
    [...events],
    { fromMs, toMs: 0, requests, holders },
    nodes.map(({ name }) => name),
  );
}

function episodeList({ episodes, open }: Surroundings, machines: readonly string[]): Piece {
  if (episodes.length + open.length === 0)
    return html`<p class="empty">Nothing has been done yet. What you do is measured here, once it is over.</p>`;
  return html`${open.map((what) => html`<p class="open">${`${what}: not over yet.`}</p>`)}
    ${episodes.toReversed().map((episode, n) => episodeDetails(episode, machines, episodes.length - n, n === 0))}`;
}

function episodeDetails(
  { deed, run, picture, sentence }: MeasuredEpisode,
  machines: readonly string[],
  number: number,
  isOpen: boolean,
): Piece {
  const { mark, word } = STATUS_TEXT[run.status];
  const { outage, uncertainty = 0, excess } = run.metrics;
  const badge = run.predicted || run.status === 'invalid' ? run.status : 'skipped';
  return html`<details id="episode-${number}" ${isOpen && 'open'}>
    <summary><span class="badge ${badge}"><span aria-hidden="true">${badge === 'skipped' ? '–' : mark}</span> ${badge === 'skipped' ? 'not judged' : word}</span> <h3>${deedText(deed)}</h3>
      ${outage !== undefined && html`<span class="figure" data-outage="${outage}">${`outage ${outageText(outage, run.over, length)}${run.over === false ? '' : ` ± ${length(uncertainty)}`}`}</span>`}
      ${run.predicted && html`<span class="figure" data-demanded="${run.predicted.outage.min}">${`demanded ${range(run.predicted.outage, length)}`}</span>`}
      ${excess !== undefined && html`<span class="figure">${`${outageText(excess, run.over, signed)} beyond the protocol`}</span>`}
    </summary>
    <p class="${run.status === 'passed' ? 'how' : 'reason'}">${sentence}</p>
    ${picture && timeFigure(`Episode ${number}`, run, picture, machines)}
    <div class="facts">${phaseTable(run)}</div>
  </details>`;
}

function eventList({ events }: LiveState, { originNs }: Surroundings): Piece {
  if (events.length === 0) return html`<p class="empty">Nothing has happened yet.</p>`;
  return html`<table><thead><tr><th scope="col" class="number">at</th><th scope="col">node</th><th scope="col">what</th></tr></thead>
    <tbody>${events.map(({ atNs, source, kind, detail }) => html`<tr class="${kind}"><td class="number">${seconds(atNs - originNs)}</td><td>${source}</td><td>${`${kind}: ${detail}`}</td></tr>`)}</tbody></table>`;
}

function journalList({ journal }: LiveState, { originNs }: Surroundings): Piece {
  if (journal.length === 0) return html`<p class="empty">The journals are empty.</p>`;
  return html`<table class="log"><thead><tr><th scope="col" class="number">at</th><th scope="col">node</th><th scope="col">message</th></tr></thead>
    <tbody>${journal
      .slice(-100)
      .toReversed()
      .map(
        ({ atNs, node, text }) =>
          html`<tr><td class="number">${seconds(BigInt(atNs) - originNs)}</td><td>${node}</td><td>${text.slice(0, 200)}</td></tr>`,
      )}</tbody></table>`;
}

function seconds(ns: bigint): string {
  return `${(Number(ns) / 1e9).toFixed(3)} s`;
}
