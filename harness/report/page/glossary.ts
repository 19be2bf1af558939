import { html, type Piece } from './html.ts';

const TERMS: readonly (readonly [string, string])[] = [
  [
    'amphora',
    'One of the two virtual machines or containers that together are a load balancer of OpenStack Octavia.',
  ],
  [
    'VIP',
    'The address that clients use. One amphora has it at a time: the master. The other, the backup, waits.',
  ],
  [
    'advertisement',
    'The master’s sign of life (VRRP), by default one each second. When the backup misses them long enough, it takes over.',
  ],
  [
    'gratuitous ARP',
    'What a new master sends so that switches and routers send the VIP’s packets to it from now on.',
  ],
  [
    'outage',
    'The longest time between the sending of two answered requests with none answered between them.',
  ],
  [
    'demanded',
    'What the protocol’s timers take by themselves for a fault at that instant (RFC 3768, 5798, 9568), without any software being slow.',
  ],
  [
    'excess',
    'Outage less what is demanded: the part that software is to blame for. A little below zero is within the uncertainty.',
  ],
  [
    'uncertainty',
    'How far a figure may be off: requests are only sent every few milliseconds, and a fault takes a moment.',
  ],
  [
    'invalid run',
    'The machine that measured was too busy. Such a run says nothing about the load balancer: it is shown, not counted, and repeated.',
  ],
  [
    'median, 95 % interval',
    'Half of the runs are below the median. If all was measured again many times, the interval would contain the true median in at least 95 of 100.',
  ],
  [
    'environment',
    'A digest of engine, kernel, cores and versions. Figures of different environments are not compared without saying so.',
  ],
];

/** What the page's words mean, for a person who was not there. */
export function glossary(): Piece {
  return html`<section id="glossary" aria-labelledby="glossary-title"><h2 id="glossary-title">Words</h2>
    <dl class="pairs">${TERMS.map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)}</dl></section>`;
}
