import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { Liquid, type Variable } from 'liquidjs';
import type { Renderers } from '../../../src/driver/renderers.ts';
import type { System, TextName } from '../../system/system.ts';
import type { SystemUnderTest } from '../../system/under-test.ts';
import { UsageError } from '../../usage-error.ts';
import { sampleValues } from './sample-values.ts';
import { type NameOf, VALUES, type Values } from './text-values.ts';

/** Values are marked as in Jinja: `{{ vip }}`, `{% for peer in peers %}`. A text has no other files. */
let liquid: Liquid | undefined;
/** Made when a text is read: most labs have none. */
function ourLiquid(): Liquid {
  liquid ??= new Liquid({ strictVariables: true, strictFilters: true, templates: {} });
  return liquid;
}
/** What Liquid itself knows of a loop and of a list. */
const LIQUIDS_OWN = ['index', 'index0', 'rindex', 'rindex0', 'first', 'last', 'length', 'size', 'name'];

type Texts = SystemUnderTest['texts'];

/**
 * Reads the texts of a system, and fills them in once with the values of a lab like any other: what they ask for is
 * known before a lab is built.
 *
 * @returns the texts, and what a report says of them
 * @throws UsageError where a text asks for what there is not; it names file, line and the nearest variable
 */
export async function readTexts(
  paths: System['texts'],
): Promise<{ readonly texts: Texts; readonly parts: SystemUnderTest['parts'] }> {
  const texts: Partial<Record<TextName, string>> = {};
  const parts: Record<string, string> = {};
  for (const [key, path] of Object.entries(paths)) {
    const name = key as TextName;
    const text = await readFile(path, 'utf8').catch((error: Error) => {
      throw new UsageError(`${name} takes a file; "${path}" cannot be read: ${error.message}.`);
    });
    checkText(name, text, path);
    texts[name] = text;
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
    parts[name] = `${basename(path)}, sha256 ${digest}`;
  }
  return { texts, parts };
}

/** Has texts take the place of what a renderer would make. */
export function withTexts(renderers: Renderers, texts: Texts, nameOf: NameOf): Renderers {
  const { 'keepalived.conf': keepalived, 'haproxy.cfg': haproxy } = texts;
  return {
    lvs: (request) => renderers.lvs(request),
    keepalived: async (request) =>
      keepalived === undefined
        ? renderers.keepalived(request)
        : filled('keepalived.conf', keepalived, VALUES['keepalived.conf'](request, nameOf)),
    haproxy: async (request) =>
      haproxy === undefined
        ? renderers.haproxy(request)
        : filled('haproxy.cfg', haproxy, VALUES['haproxy.cfg'](request, nameOf)),
  };
}

/** @throws UsageError */
function checkText(name: TextName, text: string, path: string): void {
  const values = sampleValues(name);
  const { variables, globals } = ourLiquid().analyzeSync(parsed(text, path), { partials: false });
  const known = new Set([...propertiesOf(values), ...LIQUIDS_OWN]);
  // What stands in a branch that this lab does not take is found here.
  for (const variable of Object.values(globals).flat()) {
    if (!isAt(values, variable)) throw unknown(path, variable.location.row, String(variable), values);
  }
  for (const variable of Object.values(variables).flat()) {
    const strange = variable.segments
      .slice(1)
      .some((segment) => typeof segment === 'string' && !known.has(segment));
    if (strange) throw unknown(path, variable.location.row, String(variable), values);
  }
  filled(name, text, values, path);
}

/** @throws UsageError */
function filled(name: TextName, text: string, values: Values, path: string = name): string {
  const template = parsed(text, path);
  try {
    return String(ourLiquid().renderSync(template, values));
  } catch (error) {
    const { variableName } = (error as LiquidError).originalError ?? {};
    if (variableName === undefined) throw mistake(path, error as LiquidError);
    throw unknown(path, lineOf(error as LiquidError), variableName, values);
  }
}

/** @throws UsageError */
function parsed(text: string, path: string) {
  try {
    return ourLiquid().parse(text, path);
  } catch (error) {
    throw mistake(path, error as LiquidError);
  }
}

/** As Liquid throws it. */
interface LiquidError extends Error {
  readonly token: { getPosition(): readonly number[] };
  readonly originalError?: { readonly variableName?: string };
}

function lineOf({ token }: LiquidError): number {
  return token.getPosition()[0] ?? 1;
}

function mistake(path: string, error: LiquidError): UsageError {
  const what = error.message.split('\n')[0]?.replace(/, (file|line):.*/, '');
  return new UsageError(`${path}, line ${lineOf(error)}: ${what}.`);
}

function unknown(path: string, line: number, name: string, values: Values): UsageError {
  const all = pathsOf(values);
  const nearest = all.find((path) => path.startsWith(name)) ?? closest(name, all);
  return new UsageError(
    `${path}, line ${line}: there is no variable "${name}"; the nearest is ${nearest}, and docs/systems.md lists all.`,
  );
}

/** Whether there is a value at the path of a variable. */
function isAt(values: Values, { segments }: Variable): boolean {
  let at: unknown = values;
  for (const segment of segments) {
    if (Array.isArray(at)) {
      if (segment === 'size') return true;
      at = at[0];
    } else if (
      typeof segment === 'string' &&
      typeof at === 'object' &&
      at !== null &&
      Object.hasOwn(at, segment)
    ) {
      at = (at as Values)[segment];
    } else {
      return segment === 'size' && typeof at === 'string';
    }
  }
  return true;
}

/** All variables as a text names them; those of a list's entries after the list's name in the singular. */
function pathsOf(values: Values, prefix = ''): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    if (Array.isArray(value)) return [path, ...pathsOf((value[0] ?? {}) as Values, `${singular(name)}.`)];
    if (typeof value === 'object' && value !== null) return [path, ...pathsOf(value as Values, `${path}.`)];
    return [path];
  });
}

function singular(name: string): string {
  return name === 'amphorae' ? 'amphora' : name.replace(/s$/, '');
}

function propertiesOf(values: Values): string[] {
  return pathsOf(values).flatMap((path) => path.split('.'));
}
