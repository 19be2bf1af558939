import test from 'ava';
import { at } from './history.fixture.ts';
import type { TableObservation } from './observation.ts';
import { tablesHold } from './tables.ts';

const look = (ms: number, entries: number, node = 'amphora-2', table = 'one'): TableObservation => ({
  kind: 'table',
  atNs: at(ms),
  sinceNs: at(ms - 5),
  node,
  table,
  entries,
});

/** What is found by each of these looks. */
function found(least: number, sinceMs: number, history: readonly TableObservation[]) {
  const show = tablesHold('amphora-2', least)(BigInt(at(sinceMs)));
  return history.map((entry) => show(entry));
}

test('the tables of a node count together, and those of others not at all', (t) => {
  const history = [look(10, 3), look(20, 9, 'amphora-1'), look(30, 2, 'amphora-2', 'two')];
  t.deepEqual(found(5, 0, history), [undefined, undefined, 5]);
});

test('what was held before is no answer: the table is looked at again', (t) => {
  t.deepEqual(found(50, 1000, [look(500, 50), look(1002, 50), look(1100, 0), look(2000, 50)]), [
    undefined,
    undefined,
    undefined,
    50,
  ]);
});

test('that there is none is an answer too, once somebody has looked', (t) => {
  t.deepEqual(found(0, 1000, [look(500, 0), look(1100, 0)]), [undefined, 0]);
});
