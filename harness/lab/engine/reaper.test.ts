import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execaNode } from 'execa';
import { PROJECT_ROOT } from '../../project.ts';
import { gone, MARK } from './marked.fixture.ts';

const REAPER = join(import.meta.dirname, 'reaper.ts');

/** A process that starts a reaper with a mark, does something, and kills itself. */
function killed(mark: string, host: string, body: string) {
  return execaNode({
    cwd: PROJECT_ROOT,
    reject: false,
    env: { [MARK]: mark },
    nodeOptions: ['--input-type=module-typescript'],
    input: `import { reapFolder, startReaper } from ${JSON.stringify(REAPER)};
      ${body.replaceAll('ENGINE', JSON.stringify({ host }))}
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300);`,
  })`-`;
}

/** An engine that has no containers, and counts how often it is asked for them. */
async function emptyEngine() {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-reaper-'));
  const socket = join(folder, 'engine.sock');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('Content-Type', 'application/json').end('[]');
  }).listen(socket);
  return {
    ...{ host: `unix://${socket}`, folder, asked },
    async [Symbol.asyncDispose]() {
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

test('what a killed process had in folders is removed, and an engine without labs is not asked', async (t) => {
  await using engine = await emptyEngine();
  const folder = await mkdtemp(join(tmpdir(), "amphora-testbed reaper's-"));
  const mark = folder;
  await killed(
    mark,
    engine.host,
    `startReaper(ENGINE)[Symbol.dispose](); reapFolder(${JSON.stringify(folder)});`,
  );
  await gone(mark);
  t.false(existsSync(folder));
  t.deepEqual(engine.asked, []);
});

test('where a lab had not gone, the engine is asked for what is left of it', async (t) => {
  await using engine = await emptyEngine();
  await killed(engine.folder, engine.host, 'startReaper(ENGINE); startReaper(ENGINE)[Symbol.dispose]();');
  await gone(engine.folder);
  t.true(engine.asked.length > 0);
  t.regex(engine.asked[0] ?? '', /containers\/json.*session/);
});
