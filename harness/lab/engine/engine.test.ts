import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import Docker from 'dockerode';
import {
  chooseEngine,
  type EngineCandidate,
  EngineUnavailable,
  engineCandidates,
  findEngine,
} from './engine.ts';
import { privateEngine } from './private-engine.ts';

const candidate = (kind: EngineCandidate['kind'], probe: EngineCandidate['probe']): EngineCandidate => ({
  kind,
  host: `unix:///${kind}`,
  docker: new Docker(),
  probe,
});
const answers = async () => ({ Version: '29.0', Arch: 'amd64' });
const absent = async () => undefined;
const refuses = async () => {
  throw Object.assign(new Error('connect'), { code: 'EACCES' });
};

test('the first engine that answers is taken, and one that refuses is passed over', async (t) => {
  const engine = await chooseEngine([
    candidate('system', refuses),
    candidate('rootless', absent),
    candidate('private', answers),
  ]);
  t.is(engine.kind, 'private');
  t.is(engine.version, '29.0');
});

test('Podman and Docker differ by their parts', async (t) => {
  const parts = [{ Name: 'Podman Engine', Version: '4.3.1' }];
  const engine = await chooseEngine([
    candidate('system', async () => ({ Version: '4.3.1', Arch: 'amd64', Components: parts })),
  ]);
  t.regex(engine.describe(), /^Podman 4\.3\.1 at /);
});

test('the engines of the system and of the user are looked for at the places of both programs', (t) => {
  const hosts = (env: NodeJS.ProcessEnv) =>
    engineCandidates(env, privateEngine('/nowhere')).map(({ host }) => host);
  t.deepEqual(hosts({ XDG_RUNTIME_DIR: '/run/user/7' }), [
    'unix:///var/run/docker.sock',
    'unix:///run/podman/podman.sock',
    'unix:///run/user/7/podman/podman.sock',
    'unix:///run/user/7/docker.sock',
    'unix:///nowhere/docker.sock',
  ]);
  t.deepEqual(hosts({ DOCKER_HOST: 'unix:///mine' }), ['unix:///mine']);
});

test('without an engine, one sentence says what was tried and what to run', async (t) => {
  await t.throwsAsync(chooseEngine([candidate('system', refuses)]), {
    instanceOf: EngineUnavailable,
    message: /unix:\/\/\/system does not answer \(permission denied.*\): run `npm run setup`$/,
  });
});

test('DOCKER_HOST is never passed over silently', async (t) => {
  await t.throwsAsync(chooseEngine([candidate('DOCKER_HOST', refuses)]), {
    message: /^DOCKER_HOST is set but/,
  });
});

test('an engine that was found before is asked whether it answers, and for its version only where it did not', async (t) => {
  const asked: (string | undefined)[] = [];
  let answers = true;
  const server = createServer(({ url }, answer) => {
    asked.push(url);
    answer.writeHead(answers || url !== '/_ping' ? 200 : 500, { 'content-type': 'application/json' });
    answer.end('{"Version":"29.0","Arch":"amd64"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const DOCKER_HOST = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.DOCKER_HOST = DOCKER_HOST;
  const found = await findEngine({ DOCKER_HOST });
  t.is(await findEngine({ DOCKER_HOST }, found), found);
  t.deepEqual(asked, ['/version', '/_ping']);
  answers = false;
  t.not(await findEngine({ DOCKER_HOST }, found), found);
  t.deepEqual(asked.slice(2), ['/_ping', '/version']);
});
