import { readFile } from 'node:fs/promises';
import test from 'ava';
import { type Answer, api } from './api.fixture.ts';
import { OF_LISTENERS } from './verdicts/listeners.fixture.ts';
import { OF_LOAD_BALANCERS } from './verdicts/load-balancers.fixture.ts';
import { OF_POLICIES } from './verdicts/policies.fixture.ts';
import { OF_POOLS } from './verdicts/pools.fixture.ts';
import type { Verdict } from './verdicts/verdict.fixture.ts';
import { WORLD } from './verdicts/world.fixture.ts';

const VERDICTS = [...OF_LISTENERS, ...OF_POOLS, ...OF_POLICIES, ...OF_LOAD_BALANCERS];

test("what upstream's API refuses is refused, and what it takes is taken, each with its status", async (t) => {
  const { ask, settled } = api();
  const ids: Record<string, string> = {};
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (all, name) => ids[name] ?? all);
  const send = async (method: Parameters<typeof ask>[0], path: string, body?: object): Promise<Answer> => {
    const payload = body && filled(JSON.stringify(body));
    const answer = await ask(method, `lbaas/${filled(path)}`, payload);
    await settled();
    return answer;
  };
  for (const { name, path, body } of WORLD) {
    const answer = await send('POST', path, body);
    t.is(answer.status, 201, JSON.stringify(answer.body));
    ids[name] = Object.values(answer.body)[0].id;
  }
  for (const { rule, method, path, body, status, differs } of VERDICTS) {
    const answer = await send(method, path, body);
    t.is(answer.status, differs?.status ?? status, `${method} ${path}: ${rule}: ${answer.body?.faultstring}`);
    // One sentence, and no program's own words.
    if (answer.status >= 400) t.notRegex(answer.body.faultstring, /undefined|\[object|Invalid input/, rule);
  }
});

/** A row of the table in docs/api.md. */
function rowOf({ method, path, rule, status, differs }: Verdict): string {
  const ours = differs ? `${differs.status}: ${differs.reason}` : '';
  return `| ${method} ${path.replace(/\?.*/, '').replaceAll(/[{}]/g, '')} | ${rule} | ${status} | ${ours} |`.replaceAll(
    / +/g,
    ' ',
  );
}

test('docs/api.md lists every verdict', async (t) => {
  const text = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const rows = new Set(text.split('\n').map((line) => line.replaceAll(/ +/g, ' ')));
  t.deepEqual(
    VERDICTS.map(rowOf).filter((row) => !rows.has(row)),
    [],
  );
});
