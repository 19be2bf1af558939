import { PACKETS_ARE } from '../content/figures.ts';
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
    'The master’s heartbeat (VRRP), by default one a second. The backup takes over when it has missed them for long enough.',
  ],
  [
    'gratuitous ARP',
    'What a new master sends so that switches and routers send the VIP’s packets to it from now on.',
  ],
  [
    'outage',
    'How long the service answered no request: from the last answer before to the first one after, less what an answer takes anyway. Nothing lost: 0. It is what clients get.',
  ],
  [
    'not over',
    'The service had not returned when observation ended. How long such an outage is nobody knows: it is at least as long as it was watched, counts as longer than any that ended, and has no part in a median that lies beyond it (Kaplan and Meier).',
  ],
  [
    'packets’ outage',
    `The same for a packet every millisecond: ${PACKETS_ARE}. It is the most exact figure.`,
  ],
  [
    'delayed',
    'Requests that were sent during the outage and answered after it, as a queue on the way held them.',
  ],
  [
    'lost',
    'Requests without a good answer, by what became of them: time-out, refused, reset, or an error of HAProxy itself such as 503.',
  ],
  ['degraded', 'The service was back in part: some requests were answered, others failed.'],
  [
    'demanded',
    'What the protocol’s timers and the rendered configuration take by themselves for a fault at that instant (RFC 3768, 5798, 9568), without any software being slow. It is computed, not measured.',
  ],
  [
    'excess',
    'Outage less what is demanded: the part that software is to blame for. A little below zero is within the uncertainty.',
  ],
  [
    'waited for a processor',
    'A process was ready to run, and the machine ran something else. During a phase that the process is responsible for, such time counts as the machine’s and not the software’s: statistics leave it out.',
  ],
  [
    'waited for the kernel’s network lock',
    'keepalived was to change an address, and another lab of this machine was changing links just then: all network namespaces of a machine share one lock, two virtual machines do not. Such time is the machine’s as well.',
  ],
  [
    'waited for the disk',
    'A process was to run code that was not in memory yet, and the machine’s disk was slow to bring it. Such time is the machine’s too.',
  ],
  [
    'right after an advertisement',
    'The wait for the next advertisement is partly over when a fault strikes. Comparisons and trends adjust each outage to a fault right after an advertisement, so that chance does not move them.',
  ],
  [
    'demanded and software',
    'The two parts of a change. The configuration’s part is computed from the settings of both sides, and named with them; the rest is software.',
  ],
  [
    'uncertainty',
    'How far a figure may be off: requests are only sent every few milliseconds, and a fault takes a moment.',
  ],
  [
    'invalid run',
    'The machine that measured was too busy; the reason names the process that waited. Such a run says nothing about the load balancer: it is shown, not counted, and repeated.',
  ],
  [
    'median, 95 % interval',
    'Half of the runs are below the median. If everything was measured again many times, at least 95 of 100 such intervals would contain the true median.',
  ],
  [
    'environment',
    'A digest of engine, kernel, cores and versions. A comparison of different environments says so.',
  ],
];

/** The meaning of the page's words, for any reader. */
export function glossary(): Piece {
  return html`<section id="glossary" aria-labelledby="glossary-title"><h2 id="glossary-title">Words</h2>
    <dl class="pairs">${TERMS.map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)}</dl></section>`;
}
