import type { LabNode } from '../lab/lab.ts';
import { html, type Piece } from '../report/page/html.ts';
import { WORDS } from '../scenario/story/words.ts';
import { UsageError } from '../usage-error.ts';
import { AMPHORA, type Argument } from '../vocabulary/argument.ts';
import { sentence, type Word, wordIn } from '../vocabulary/word.ts';
import type { Order } from './server.ts';

/** The parts of the vocabulary that have buttons. */
export const CLICKED = ['fault', 'heal', 'change'] as const;
export type Clicked = (typeof CLICKED)[number];

const TITLES: Readonly<Record<Clicked, string>> = { fault: 'Faults', heal: 'Repairs', change: 'Changes' };

/** What the controls of a lab depend on. */
export interface Controlled {
  /** Names of its machines. */
  readonly machines: readonly string[];
  /** Whether it has a controller and agents. */
  readonly amphorae: boolean;
  /** What a word was given before, by `part.word`: a first value for its fields. */
  readonly examples: ReadonlyMap<string, readonly unknown[]>;
}

/** A button for each word of the vocabulary, with a field for each of its arguments. */
export function controls(controlled: Controlled): Piece {
  return html`<section class="controls" tabindex="0" aria-labelledby="controls-title"><h2 id="controls-title">What you can do</h2>
    <p id="said" role="status"></p>
    ${CLICKED.map(
      (part) => html`<details ${part === 'fault' && 'open'}><summary>${TITLES[part]}</summary>
      ${Object.entries<Word>(WORDS[part])
        .toSorted(([one], [other]) => one.localeCompare(other))
        .filter(([, { needs }]) => controlled.amphorae || needs === undefined)
        .map(([name, word]) => control(part, name, word, controlled))}</details>`,
    )}
    <form id="save"><p>What you did becomes a scenario, in a file of its own.</p>
      <label>name <input id="save-name" name="name" required pattern="[a-z][a-z0-9\\-]*" placeholder="my-failover" autocomplete="off" /></label>
      <button>Save as scenario</button><p id="saved" role="status"></p></form>
  </section>`;
}

function control(part: Clicked, name: string, word: Word, controlled: Controlled): Piece {
  const example = controlled.examples.get(`${part}.${name}`) ?? [];
  const said = controlled.amphorae ? sentence(word) : ofMachines(sentence(word));
  return html`<form data-part="${part}" data-word="${name}"><p>${capitalised(said)}.</p>
    ${word.takes.map((argument, n) => field(argument, controlled, example[n]))}<button>${name}</button></form>`;
}

/** A pair has machines in place of amphorae. */
function ofMachines(text: string): string {
  return text
    .replace('is no amphora', 'is not of the pair')
    .replace(/\bamphora(e)?\b/g, (_, many) => (many ? 'machines' : 'machine'));
}

function field(argument: Argument, { machines, amphorae }: Controlled, example: unknown): Piece {
  // An agent is the amphora's.
  const services = argument.choices?.filter((choice) => amphorae || choice !== 'agent');
  const choices = argument === AMPHORA ? machines : services;
  if (choices) {
    const label = argument === AMPHORA ? 'machine' : 'which';
    return html`<label data-argument>${label} <select aria-label="${label}">${choices.map((choice) => html`<option ${choice === example && 'selected'}>${choice}</option>`)}</select></label>`;
  }
  if (argument.units) {
    const given = (typeof example === 'object' && example ? example : {}) as Readonly<
      Record<string, unknown>
    >;
    return html`<span data-argument>${argument.units.map((unit) => html`<label>${unit} <input type="number" min="0" step="any" required data-unit="${unit}" value="${String(given[unit] ?? 1)}" /></label>`)}</span>`;
  }
  return html`<label data-argument>${argument.form} <textarea data-json rows="2">${JSON.stringify(example ?? {})}</textarea></label>`;
}

/**
 * What an order gives its word: machines as the lab has them now.
 *
 * @throws UsageError, WrongWord
 */
export function givenIn({ part, word: name, given }: Order, nodes: readonly LabNode[]): readonly unknown[] {
  const { takes } = wordIn<Word>(WORDS[part], part, name);
  return given.map((each, n) => {
    if (takes[n] !== AMPHORA) return each;
    const found = nodes.find(({ instance }) => instance.name === each);
    if (found) return found;
    const known = nodes.map(({ instance }) => instance.name).join(', ');
    throw new UsageError(`There is no machine "${each}"; there are ${known}.`);
  });
}

function capitalised(text: string): string {
  return text.replace(/^(?!keepalived|systemd)./, (first) => first.toUpperCase());
}
