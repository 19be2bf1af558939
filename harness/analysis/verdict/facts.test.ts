import test from 'ava';
import { factsSchema } from './facts.ts';
import { stored } from './stored-run.fixture.ts';

test('a run of an earlier version is read: what has another name today, and what the history tells now', (t) => {
  const measures = { cutConnections: 20, peerSyncLag: 18, refreshInterval: 5000 };
  t.deepEqual(factsSchema.parse({ ...stored().facts, measures }).measures, {
    storyConnectionsCut: 20,
    refreshInterval: 5000,
  });
});
