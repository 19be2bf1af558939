import { inspect } from 'node:util';
import { PACKED } from '../project.ts';
import * as models from './models.ts';
import type { Scenario } from './scenario.ts';

/** Longer than any story: no protocol bounds what it says of. */
const FREE_MS = 600_000;
const WORDS = ['master', 'backup', 'third', 'traffic', 'fault', 'heal', 'change', 'expect'];

/** A scenario that is to be written as a file for scenarios/. */
export interface Written extends Pick<Scenario, 'name' | 'title' | 'group' | 'story'> {
  /** Its parameters and its load balancer, where they are its own. */
  readonly fields?: Readonly<Partial<Record<'parameters' | 'loadBalancer', object>>>;
  /** Where it is one of models.ts; otherwise it may take anything. */
  readonly model?: Scenario['model'] | undefined;
  /** What may be taken, where nothing bounds it. */
  readonly free: string;
  /** The lines of its story, each a statement. */
  readonly lines: readonly string[];
  /** Whether scenarios/ lies in a user's folder rather than in a clone; by default as this is the package. */
  readonly packed?: boolean | undefined;
}

/** The file of a scenario. */
export function scenarioText({
  name,
  title,
  group,
  story,
  fields = {},
  model,
  free,
  lines,
  packed = PACKED,
}: Written): string {
  const known = Object.entries(models).find(([, each]) => each === model)?.[0];
  const words = WORDS.filter((word) => lines.some((line) => new RegExp(`\\b${word}\\b`).test(line)));
  const imported = [...(known ? [known] : []), 'upTo'].join(', ');
  const head = packed
    ? `import { ${[...(known ? [known] : []), 'scenario', 'upTo'].join(', ')} } from 'amphora-testbed';`
    : `import { ${imported} } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';`;
  return `${head}

const FREE = upTo('${free}', ${FREE_MS.toLocaleString('en').replaceAll(',', '_')});

export default scenario('${name}', {
  title: '${title.replaceAll("'", '’')}',
  group: '${group}',
  story: \`${inTemplate(story)}\`,
${Object.entries(fields)
  .map(([field, value]) => `  ${field}: ${literal(value)},\n`)
  .join('')}  model: ${known ?? 'FREE'},
  aftermath: FREE,
  async run({ ${words.join(', ')} }) {
${lines.map((line) => `    ${line};\n`).join('')}  },
});
`;
}

/** As the text of a story: what stands in braces there is a figure. */
function inTemplate(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('`', "'").replaceAll('{', '(').replaceAll('}', ')');
}

/** As TypeScript writes it. */
export function literal(value: unknown): string {
  return inspect(value, {
    ...{ depth: null, compact: true, breakLength: Number.POSITIVE_INFINITY },
    ...{ maxArrayLength: null, maxStringLength: null },
  });
}
