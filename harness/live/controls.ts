import type { LabNode } from '../lab/lab.ts';
import { html, type Piece } from '../report/page/html.ts';
import { WORDS } from '../scenario/story/words.ts';
import { AMPHORA, type Argument, MEMBER } from '../vocabulary/argument.ts';
import { sentence, type Word, WrongWord, wordIn } from '../vocabulary/word.ts';
import type { Order } from './server.ts';

/** The parts of the vocabulary that have buttons. */
export const CLICKED = ['fault', 'heal', 'change'] as const;
export type Clicked = (typeof CLICKED)[number];

const TITLES: Readonly<Record<Clicked, string>> = { fault: 'Faults', heal: 'Repairs', change: 'Changes' };

/** What the controls of a lab depend on. */
export interface Controlled {
  /** Names of its machines. */
  readonly machines: readonly string[];
  /** Names of its back ends that have a port of their own in the switch. */
  readonly members: readonly string[];
  /** Whether it has a controller and agents. */
  readonly amphorae: boolean;
  /** What a word was given before, by `part.word`: a first value for its fields. */
  readonly examples: ReadonlyMap<string, readonly unknown[]>;
}

/** A button for each word of the vocabulary, with a field for each of its arguments. */
export function controls(controlled: Controlled): Piece {
  return html`<section class="controls" tabindex="0" aria-labelledby="controls-title"><h2 id="controls-title">What you can do</h2>
    ${CLICKED.map(
      (part) => html`<details ${part === 'fault' && 'open'}><summary>${TITLES[part]}</summary>
      ${Object.entries<Word>(WORDS[part])
        .toSorted(([one], [other]) => one.localeCompare(other))
        .filter(([, word]) => isOffered(word, controlled))
        .map(([name, word]) => control(part, name, word, controlled))}</details>`,
    )}
    <form id="save" novalidate><p>What you did becomes a scenario, in a file of its own.</p>
      <label>name <input id="save-name" aria-describedby="save-told" placeholder="my-failover" autocomplete="off" /></label>
      <button>Save as scenario</button>${told('save')}</form>
  </section>`;
}

function control(part: Clicked, name: string, word: Word, controlled: Controlled): Piece {
  const example = controlled.examples.get(`${part}.${name}`) ?? [];
  const said = controlled.amphorae ? sentence(word) : ofMachines(sentence(word));
  const id = `${part}-${name}`;
  return html`<form data-part="${part}" data-word="${name}" novalidate><p>${capitalised(said)}.</p>
    ${word.takes.map((argument, n) => field(argument, controlled, example[n], id))}<button>${name}</button>${told(id)}</form>`;
}

/** What came of a form, or what is wrong with its fields. */
function told(id: string): Piece {
  return html`<p class="told" id="${id}-told" role="status"></p>`;
}

function isOffered({ needs, takes }: Word, { amphorae, members }: Controlled): boolean {
  return (amphorae || needs === undefined) && (members.length > 0 || !takes.includes(MEMBER));
}

/** A pair has machines in place of amphorae. */
function ofMachines(text: string): string {
  return text
    .replace('is no amphora', 'is not of the pair')
    .replace(/\bamphora(e)?\b/g, (_, many) => (many ? 'machines' : 'machine'));
}

function field(argument: Argument, controlled: Controlled, example: unknown, id: string): Piece {
  const choices = choicesFor(argument, controlled);
  const told = html`aria-describedby="${id}-told"`;
  if (choices) {
    const label = argument === AMPHORA ? 'machine' : String(argument.example).replace(/^the /, '');
    return html`<label data-argument>${label} <select aria-label="${label}" ${argument === AMPHORA && 'data-machines'} ${told}>${choices.map((choice) => html`<option ${choice === example && 'selected'}>${choice}</option>`)}</select></label>`;
  }
  if (argument.units) {
    const given = (typeof example === 'object' && example ? example : {}) as Readonly<
      Record<string, unknown>
    >;
    const { min = 0, max, whole } = argument.bounds ?? {};
    return html`<span data-argument>${argument.units.map((unit) => html`<label>${unit} <input type="number" min="${min}" ${Number.isFinite(max) && html`max="${max}"`} step="${whole ? 1 : 'any'}" data-unit="${unit}" value="${String(given[unit] ?? 1)}" ${told} /></label>`)}</span>`;
  }
  return html`<label data-argument>${argument.form} <textarea data-json rows="2" ${told}>${JSON.stringify(example ?? {})}</textarea></label>`;
}

function choicesFor(
  argument: Argument,
  { machines, members, amphorae }: Controlled,
): readonly string[] | undefined {
  if (argument === AMPHORA) return machines;
  if (argument === MEMBER) return members;
  // An agent is the amphora's.
  return argument.choices?.filter((choice) => amphorae || choice !== 'agent');
}

/**
 * What an order gives its word: machines as the lab has them now.
 *
 * @throws WrongWord
 */
export function givenIn(
  { part, word: name, given }: Order,
  nodes: readonly LabNode[],
  members: readonly string[],
): readonly unknown[] {
  const { takes } = wordIn<Word>(WORDS[part], part, name);
  return given.map((each, n) => {
    if (takes[n] === MEMBER) return oneOf(members, 'member', each, n);
    if (takes[n] !== AMPHORA) return each;
    const names = nodes.map(({ instance }) => instance.name);
    return nodes[names.indexOf(oneOf(names, 'machine', each, n))];
  });
}

function oneOf(names: readonly string[], what: string, given: unknown, n: number): string {
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  throw new WrongWord(`There is no ${what} ${JSON.stringify(given)}; there are ${names.join(', ')}.`, n);
}

function capitalised(text: string): string {
  return text.replace(/^(?!keepalived|systemd)./, (first) => first.toUpperCase());
}
