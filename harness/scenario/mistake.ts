import { basename, extname } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { InvalidLoadBalancer } from '../../src/domain/schema/invalid.ts';
import { loadBalancerOf } from '../lab/load-balancer.ts';
import { UsageError } from '../usage-error.ts';
import { parametersFor } from './parameters.ts';
import { namedFile } from './place.ts';
import { definedIn, GROUPS, type Scenario } from './scenario.ts';

/** What is wrong with what a file in scenarios/ exports. */
export interface Mistake {
  readonly what: string;
  /** Where in the file, the best guess first. */
  readonly near: readonly RegExp[];
}

const DEFINITION = /\bscenario\(/;
const EXPORT = /\bexport\b/;

const text = z.string('must be a text').min(1, 'must not be empty');
const act = z.custom((value) => typeof value === 'function', 'must be a function');
/** What a scenario consists of. Load balancer and parameters have parsers of their own. */
const FIELDS = {
  name: text,
  file: z.string(),
  title: text,
  group: z.enum(GROUPS),
  story: text,
  parameters: z.record(z.string(), z.unknown()).optional(),
  loadBalancer: z.record(z.string(), z.unknown()).optional(),
  heartbeats: z.record(z.string(), z.number()).optional(),
  repeatable: z.literal(true, 'must be true, or absent').optional(),
  machines: z.enum(['two', 'three or more']).optional(),
  oldMasterAnswers: z.literal(true, 'must be true, or absent').optional(),
  oneCable: z.literal(true, 'must be true, or absent').optional(),
  oldMaster: z.enum(['stays backup', 'takes the VIP back']).optional(),
  model: act,
  judgedBy: z.enum(['first', 'last', 'all']).optional(),
  aftermath: act.optional(),
  measured: z.record(z.string(), z.union([z.number(), z.tuple([z.number(), z.number()])])).optional(),
  ends: z.literal('unserved', "must be 'unserved', or absent").optional(),
  limitS: z.number('must be a number of seconds').positive('must be more than 0').optional(),
  run: act,
} satisfies Readonly<Record<keyof Scenario, z.ZodType>>;

/** What is wrong with the default export of a scenario's file; undefined when nothing is. */
export function mistakeIn(exported: unknown, file: string): Mistake | undefined {
  const wanted = basename(file, extname(file));
  const advice = `a scenario's file says export default scenario('${wanted}', { … })`;
  const defined = definedIn(file);
  if (!defined.includes(exported as Scenario)) {
    const what =
      exported === undefined ? 'it has no default export' : 'its default export is no scenario of its own';
    return { what: `${what}; ${advice}.`, near: [/\bexport default\b/, DEFINITION, EXPORT] };
  }
  const { name, parameters, loadBalancer } = exported as Scenario;
  if (name !== wanted) {
    return {
      what: `the scenario is named ${JSON.stringify(name)}; it must be named as its file, "${wanted}".`,
      near: [DEFINITION],
    };
  }
  if (defined.length > 1) {
    return {
      what: `${namedFile(file)} defines ${defined.length} scenarios; each has a file of its own.`,
      near: [/^(?!.*export default).*\bscenario\(/],
    };
  }
  return (
    fieldMistake(exported) ??
    refusal('parameters', () => parametersFor(parameters, [])) ??
    refusal('loadBalancer', () => loadBalancerOf(loadBalancer ?? {}))
  );
}

const SCENARIO = z.strictObject(FIELDS);

function fieldMistake(exported: unknown): Mistake | undefined {
  const issue = SCENARIO.safeParse(exported).error?.issues[0];
  if (!issue) return undefined;
  if (issue.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    const known = Object.keys(FIELDS).filter((key) => key !== 'name' && key !== 'file');
    return {
      what: `a scenario has no field "${unknown}"; the nearest is ${closest(unknown, known)}, and there are ${known.join(', ')}.`,
      near: [fieldPattern(unknown), DEFINITION],
    };
  }
  const field = String(issue.path[0]);
  const given: unknown = (exported as Record<string, unknown>)[field];
  const near = [fieldPattern(field), DEFINITION];
  if (given === undefined) return { what: `the scenario has no ${field}.`, near };
  if (issue.code === 'invalid_value' && issue.values.length > 1) {
    const allowed = issue.values.map(String);
    const nearest = typeof given === 'string' ? `; the nearest is "${closest(given, allowed)}"` : '';
    return {
      what: `${field} ${JSON.stringify(given)} is not allowed${nearest}, and there are ${allowed.map((each) => `"${each}"`).join(', ')}.`,
      near,
    };
  }
  return { what: `${issue.path.join('.')} ${issue.message}; found ${JSON.stringify(given)}.`, near };
}

/** What a parser says of a field. */
function refusal(field: string, parse: () => unknown): Mistake | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof InvalidLoadBalancer)) throw error;
    return {
      what: `${field}: ${error.message.replace(/^--set:? /, '').replace(/\.$/, '')}.`,
      near: [fieldPattern(field), DEFINITION],
    };
  }
}

function fieldPattern(field: string): RegExp {
  return new RegExp(`(^|[\\s{,])["']?${RegExp.escape(field)}["']?\\s*[:(,]`);
}
