import test from 'ava';
import { z } from 'zod';
import { B, goodPair, swap } from '../pair.fixture.ts';
import { allRules } from '../rule.ts';
import { sarifOf } from './sarif.ts';

/** What SARIF 2.1.0 demands of these objects (sections 3.13 to 3.30). */
const text = z.strictObject({ text: z.string().min(1) });
const level = z.enum(['none', 'note', 'warning', 'error']);
const SARIF = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string().min(1),
          version: z.string().min(1),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              shortDescription: text,
              help: text,
              defaultConfiguration: z.strictObject({ level }),
            }),
          ),
        }),
      }),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level,
          message: text,
          locations: z.tuple([
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({ uri: z.string().regex(/^[^\s:]+$/) }),
                region: z.strictObject({ startLine: z.int().min(1) }),
              }),
            }),
          ]),
        }),
      ),
    }),
  ]),
});

test('findings become SARIF, each with its rule and line', async (t) => {
  const { findings } = await goodPair({ [B]: swap('priority 100', 'priority 101') });
  const rules = await allRules();
  const { runs } = SARIF.parse(sarifOf(findings, rules, '1.2.3'));
  const [{ tool, results }] = runs;
  t.is(tool.driver.rules.length, Object.keys(rules).length);
  const [result] = results;
  t.is(results.length, 1);
  t.is(tool.driver.rules[result?.ruleIndex ?? -1]?.id, 'equal-priorities');
  t.deepEqual(result?.locations[0].physicalLocation, {
    artifactLocation: { uri: B },
    region: { startLine: findings[0]?.line ?? 0 },
  });
});
