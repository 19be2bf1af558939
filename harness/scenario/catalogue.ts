import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { modulesIn, PACKED, PROJECT_ROOT, userFolder } from '../project.ts';
import { UsageError } from '../usage-error.ts';
import { importScenario } from './import-scenario.ts';
import { mistakeIn } from './mistake.ts';
import { wrongWordIn } from './narrate.ts';
import { namedFile, placeIn } from './place.ts';
import { GROUPS, type Scenario } from './scenario.ts';

/** Tests keep scenarios of their own elsewhere. */
export const SCENARIOS_VARIABLE = 'AMPHORA_TESTBED_SCENARIOS';
/** A file whose loading awaits something longer than this awaits it for ever. */
const LOAD_LIMIT_MS = 10_000;

/** A file in scenarios/ that cannot be used. */
export interface BrokenScenario {
  /** The file's name without its ending: the name that its scenario should have. */
  readonly name: string;
  /** The file, the line, what is wrong there and what to do. */
  readonly sentence: string;
}

/** What lies in scenarios/, by name. */
export interface Catalogue {
  readonly scenarios: readonly Scenario[];
  readonly broken: readonly BrokenScenario[];
}

/** Loads all scenarios; a file that cannot be used is no hindrance to the others. */
export function catalogue(): Promise<Catalogue> {
  return loaded(scenarioFiles());
}

/**
 * The scenarios of these names, each once.
 *
 * @throws UsageError where there is no such scenario, or its file cannot be used
 */
export async function scenariosNamed(names: readonly string[]): Promise<readonly Scenario[]> {
  const { scenarios, broken } = await wordsRead(await among(names));
  const [first] = broken;
  if (first) throw new UsageError(first.sentence);
  return scenarios;
}

/**
 * The scenarios of these names, and all of these groups.
 *
 * @throws UsageError
 */
export async function scenariosOrGroups(names: readonly string[]): Promise<readonly Scenario[]> {
  const { scenarios } = await catalogue();
  const groups = GROUPS.filter((group) => names.includes(group));
  const members = scenarios.filter(({ group }) => groups.includes(group)).map(({ name }) => name);
  const others = names.filter((name) => !groups.some((group) => group === name));
  return scenariosNamed([...others, ...members]);
}

/**
 * Those of these names, or all that can be used where no name is given.
 *
 * @throws UsageError
 */
export async function namedOrAll(names: readonly string[]): Promise<Catalogue> {
  return names.length > 0
    ? { scenarios: await scenariosNamed(names), broken: [] }
    : wordsRead(await catalogue());
}

/** A story that says what is no word, or gives one what it does not take, is found before a lab is built for it. */
async function wordsRead({ scenarios, broken }: Catalogue): Promise<Catalogue> {
  const wrong = await Promise.all(scenarios.map(wrongWordIn));
  return {
    scenarios: scenarios.filter((_, n) => wrong[n] === undefined),
    broken: [
      ...broken,
      ...scenarios.flatMap(({ name }, n) => (wrong[n] ? [{ name, sentence: wrong[n] }] : [])),
    ],
  };
}

/**
 * The scenarios of these names, of which some may lie in files that cannot be used by now.
 *
 * @throws UsageError where there is no such scenario
 */
export async function among(names: readonly string[]): Promise<Catalogue> {
  const files = scenarioFiles();
  const unknown = names.find((name) => !files.some((file) => file.name === name));
  if (names.length === 0 || unknown !== undefined) {
    const known = (await catalogue()).scenarios.map(({ name }) => name);
    throw new UsageError(
      unknown === undefined
        ? `Name a scenario; --list shows all ${known.length}.`
        : `There is no scenario "${unknown}"; the nearest is ${closest(unknown, known)}, and --list shows all ${known.length}.`,
    );
  }
  return loaded([...new Set(names)].flatMap((name) => files.filter((file) => file.name === name)));
}

/** A file that is named as its scenario should be. */
interface ScenarioFile {
  readonly name: string;
  readonly file: string;
  /** The testbed has one of this name already. */
  readonly isTaken?: boolean;
}

/** What lies in scenarios/, not loaded yet: the testbed's, and the user's. */
function scenarioFiles(): readonly ScenarioFile[] {
  const own = modulesIn(resolve(PROJECT_ROOT, process.env[SCENARIOS_VARIABLE] ?? 'scenarios'));
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...usersFiles().map((each) => ({ ...each, isTaken: names.has(each.name) }))];
}

async function loaded(files: readonly ScenarioFile[]): Promise<Catalogue> {
  const all = await Promise.all(files.map((file) => (file.isTaken ? taken(file) : load(file))));
  return {
    scenarios: all.flatMap((each) => ('sentence' in each ? [] : [each])),
    broken: all.flatMap((each) => ('sentence' in each ? [each] : [])),
  };
}

/** Where the user's scenarios are, and new ones are written. */
export function scenariosFolder(): string {
  return PACKED
    ? join(userFolder(), 'scenarios')
    : resolve(PROJECT_ROOT, process.env[SCENARIOS_VARIABLE] ?? 'scenarios');
}

/** The user's own scenarios, beside the package's; in a checkout they lie in its scenarios/. */
function usersFiles(): readonly ScenarioFile[] {
  const folder = scenariosFolder();
  return PACKED && existsSync(folder) ? modulesIn(folder, '.ts') : [];
}

function taken({ name, file }: ScenarioFile): BrokenScenario {
  const sentence = `${namedFile(file)}:1: the testbed has a scenario "${name}" already: give yours another name.`;
  return { name, sentence };
}

async function load({ name, file }: ScenarioFile): Promise<Scenario | BrokenScenario> {
  const broken = (place: string, what: string) => ({ name, sentence: `${place}: ${what}` });
  let exported: unknown;
  try {
    exported = (await inTime(importScenario(file))).default;
  } catch (error) {
    return broken(await placeOf(error, file), `cannot be loaded: ${messageOf(error)}.`);
  }
  const mistake = mistakeIn(exported, file);
  if (!mistake) return exported as Scenario;
  const line = lineOf(mistake.near, await readFile(file, 'utf8'));
  return broken(`${namedFile(file)}:${line}`, mistake.what);
}

/** @throws when the file has not been loaded in time */
async function inTime<T>(loading: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const limit = setTimeout(
    () => late.reject(new Error(`It awaits something that does not come within ${LOAD_LIMIT_MS / 1000} s`)),
    LOAD_LIMIT_MS,
  );
  return Promise.race([loading, late.promise]).finally(() => clearTimeout(limit));
}

/** Where an error comes from; Node does not say where a module that is missing was imported. */
async function placeOf(error: unknown, file: string): Promise<string> {
  const { stack, message = '' } = (error ?? {}) as Partial<Error>;
  const known = placeIn(stack, file);
  if (known) return known;
  const missing = /^Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1];
  const text = await readFile(file, 'utf8').catch(() => '');
  return `${namedFile(file)}:${lineOf(missing ? [basename(missing)] : [/\bawait\b/], text)}`;
}

/** The first line of a text in which one of these is found, from 1; the first one of all where none is. */
function lineOf(near: readonly (string | RegExp)[], text: string): number {
  const lines = text.split('\n');
  const found = near
    .map((wanted) =>
      lines.findIndex((line) => (typeof wanted === 'string' ? line.includes(wanted) : wanted.test(line))),
    )
    .find((index) => index >= 0);
  return (found ?? 0) + 1;
}

/** Its first sentence: the parser goes on with all that it would have liked better. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = ''] = message.split(/\.\s/);
  return first.replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '');
}
