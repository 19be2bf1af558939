import { catalogue } from '../scenario/catalogue.ts';
import { narrate } from '../scenario/narrate.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { WORDS } from '../scenario/story/words.ts';
import { AMPHORA } from '../vocabulary/argument.ts';
import { shown, type Word } from '../vocabulary/word.ts';
import { CLICKED, type Clicked } from './controls.ts';

/** The names of machines by their roles. */
export type Roles = ReadonlyMap<string, string>;

/** Something that is done, with machines by the role that they have in a story. */
export interface Told {
  readonly part: Clicked;
  readonly word: string;
  readonly given: readonly unknown[];
}

/** A scenario of the catalogue, and what is done in it. */
interface Story {
  readonly scenario: Scenario;
  readonly deeds: readonly Told[];
}

/** What the catalogue knows: what each deed demands, and what words are given. */
export interface KnownStories {
  /** What a word was given in a scenario, by `part.word`. */
  readonly examples: ReadonlyMap<string, readonly unknown[]>;
  /** The scenario that begins with this deed of a pair that is well, and is judged by it. */
  beginningWith(deed: Told): Scenario | undefined;
  /** What this repair demands, right after that deed. */
  repairAfter(deed: Told, repair: Told): Scenario['model'] | 'nothing' | undefined;
}

/** How the narration names the machines of a story. */
const ROLES: Readonly<Record<string, string>> = {
  'the master': 'master',
  'the backup': 'backup',
  'the third machine': 'third',
};

/** Has every scenario of the catalogue told to nobody. */
export async function knownStories(): Promise<KnownStories> {
  const { scenarios } = await catalogue();
  const stories = (await Promise.all(scenarios.map(storyOf))).filter((story) => story !== undefined);
  const examples = new Map<string, readonly unknown[]>();
  for (const { part, word, given } of stories.flatMap(({ deeds }) => deeds))
    if (!examples.has(`${part}.${word}`)) examples.set(`${part}.${word}`, given);
  // Where nothing else is done, the outage is this deed's alone.
  const plain = stories
    .filter(({ scenario }) => isPlain(scenario))
    .toSorted((one, other) => one.deeds.length - other.deeds.length);
  const beginning = (deed: Told) => plain.find(({ deeds: [first] }) => first && keyOf(first) === keyOf(deed));
  return {
    examples,
    beginningWith: (deed) => beginning(deed)?.scenario,
    repairAfter(deed, repair) {
      const story = plain.find(
        ({ deeds: [first, second] }) =>
          first && second && keyOf(first) === keyOf(deed) && keyOf(second) === keyOf(repair),
      );
      return story && (story.scenario.aftermath ?? 'nothing');
    },
  };
}

async function storyOf(scenario: Scenario): Promise<Story | undefined> {
  const deeds: Told[] = [];
  try {
    await narrate(scenario, WORDS, (word, given) => {
      const named = nameOf(word);
      if (!named) return;
      const roles = given.map((each) => (AMPHORA.fits(each) ? (ROLES[shown(each)] ?? shown(each)) : each));
      deeds.push({ ...named, given: roles });
    });
  } catch {
    // One that cannot be told so teaches nothing.
    return undefined;
  }
  return { scenario, deeds };
}

/** A scenario of the lab's own load balancer and settings, judged by what it begins with. */
function isPlain({ parameters, loadBalancer, machines, judgedBy, ends }: Scenario): boolean {
  return (
    [parameters, loadBalancer, machines, ends].every((each) => each === undefined) && judgedBy !== 'last'
  );
}

function nameOf(word: Word): Pick<Told, 'part' | 'word'> | undefined {
  for (const part of CLICKED)
    for (const [name, known] of Object.entries<Word>(WORDS[part]))
      if (known === word) return { part, word: name };
  return undefined;
}

function keyOf({ part, word, given }: Told): string {
  return `${part}.${word}(${JSON.stringify(given)})`;
}
