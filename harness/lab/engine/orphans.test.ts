import { hostname } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type Docker from 'dockerode';
import { removableContainers } from './containers.ts';
import { LABEL, OWNER, ownerAt } from './labels.ts';
import { sweepOrphans } from './orphans.ts';

const GONE = ownerAt(join(import.meta.dirname, 'a-job-that-has-ended'));
const OLD_S = 0;

/** An engine with these containers; what is removed of them, by id. */
function engineWith(containers: readonly { Id: string; owner: string; role: string; lab?: string }[]) {
  const removed: string[] = [];
  const docker = {
    listContainers: async () =>
      containers.map(({ Id, owner, role, lab = `lab of ${owner}` }) => ({
        ...{ Id, State: 'running', Created: OLD_S },
        Labels: { [LABEL.lab]: lab, [LABEL.role]: role, [LABEL.owner]: owner },
      })),
    getContainer: (Id: string) => ({ remove: async () => removed.push(Id) }),
  } as unknown as Docker;
  return { docker, removed };
}

test('an amphora whose fabric and checkout are gone is an orphan; another user’s is not', async (t) => {
  const { docker, removed } = engineWith([
    { Id: 'a job’s', owner: GONE, role: 'amphora' },
    { Id: 'another user’s', owner: `${hostname()}:4711:/gone`, role: 'amphora' },
    { Id: 'another host’s', owner: `elsewhere${GONE}`, role: 'amphora' },
    { Id: 'another checkout’s', owner: ownerAt(import.meta.dirname), role: 'amphora' },
    { Id: 'own', owner: OWNER, role: 'amphora' },
  ]);
  await sweepOrphans({ docker });
  t.deepEqual(removed.sort(), ['a job’s', 'own']);
});

test('a lab whose checkout is gone while it runs is no orphan, and prune removes it', async (t) => {
  const engine = engineWith([
    { Id: 'fabric', owner: GONE, role: 'fabric' },
    { Id: 'amphora', owner: GONE, role: 'amphora' },
  ]);
  await sweepOrphans(engine);
  t.deepEqual(engine.removed, []);
  t.deepEqual(
    (await removableContainers(engine)).map(({ Id }) => Id),
    ['fabric', 'amphora'],
  );
});
