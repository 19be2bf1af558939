import { join } from 'node:path';
import { modulesIn } from '../project.ts';
import type { Place } from '../syntax/statement.ts';
import type { Pair } from './configuration/pair.ts';

/** How bad a finding is, the worst first. */
export const SEVERITIES = ['error', 'warning', 'advice'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a rule found: where, what is the matter, and what to do. */
export interface Found extends Place {
  readonly message: string;
  readonly advice: string;
}

/** A mistake that configurations may have; its file is named as it is, and its page is docs/rules/NAME.md. */
export interface Rule {
  readonly severity: Severity;
  /** One sentence for the table of rules. */
  readonly title: string;
  check(pair: Pair): readonly Found[];
}

export interface Finding extends Found {
  readonly rule: string;
  readonly severity: Severity;
}

export type Rules = Readonly<Record<string, Rule>>;

const defined = new WeakSet<object>();

export function rule(definition: Rule): Rule {
  defined.add(definition);
  return definition;
}

/** Where the rules stand, a file each. */
const FOLDER = join(import.meta.dirname, 'rules');

/**
 * Loads the rules by name.
 *
 * @throws where a file does not export a rule
 */
export async function allRules(): Promise<Rules> {
  const rules = modulesIn(FOLDER).map(async ({ name, file }) => {
    const exported = ((await import(file)) as { readonly default?: Rule }).default;
    if (!exported || !defined.has(exported)) throw new Error(`${file} must say export default rule({ … }).`);
    return [name, exported] as const;
  });
  return Object.fromEntries(await Promise.all(rules));
}
