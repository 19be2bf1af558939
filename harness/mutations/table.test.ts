import test from 'ava';
import { type Cell, mutationTable, uncaught } from './table.ts';

const CELLS: readonly Cell[] = [
  { scenario: 'master-kill', mutation: 'slow', status: 'failed' },
  { scenario: 'agent-kill', mutation: 'slow', status: 'passed' },
  { scenario: 'agent-kill', mutation: 'all', status: 'invalid' },
];

test('a failed scenario has caught the mutation, and what was not run is left empty', (t) => {
  t.is(
    mutationTable(CELLS),
    '| scenario | slow | all |\n| --- | --- | --- |\n| agent-kill | not noticed | no verdict |\n| master-kill | caught |  |\n',
  );
});

test('a scenario without a verdict has caught nothing', (t) => {
  t.deepEqual(uncaught(CELLS), ['agent-kill']);
});
