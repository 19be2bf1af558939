import { once } from 'node:events';
import { request } from 'node:http';
import test from 'ava';
import { UsageError } from '../usage-error.ts';
import { WrongWord } from '../vocabulary/word.ts';
import { type Served, type Site, serve } from './server.ts';

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks as any program can: with headers that a browser would not send. */
async function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  const asking = request(url, { method, headers, agent: false });
  asking.end(body);
  const [answer] = await once(asking, 'response');
  let text = '';
  for await (const piece of answer) {
    text += piece;
    if (String(answer.headers['content-type']).includes('event-stream')) break;
  }
  return { status: answer.statusCode as number, headers: answer.headers, text };
}

const SITE: Site = {
  page: async (run) => {
    if (run > 0) throw new UsageError('There is one run.');
    return '<p>the page</p>';
  },
  now: async () => ({ status: 'served' }),
  act: async ({ word }) => {
    if (word === 'loseMember') throw new WrongWord('There is no member.', 0);
    if (word !== 'powerOff') throw new UsageError(`There is no ${word}.`);
    return 'done';
  },
};

async function entered(served: Served) {
  const { origin } = new URL(served.url);
  const { headers, status } = await ask(served.url);
  const cookie = String(headers['set-cookie']).split(';', 1)[0] ?? '';
  return { origin, cookie, status, location: headers.location };
}

test('the address lets one browser in: the token is used up then, and the cookie is needed', async (t) => {
  await using served = await serve(SITE);
  const { origin, cookie, status, location } = await entered(served);
  t.deepEqual([status, location], [303, '/']);
  t.is((await ask(`${origin}/`, { headers: { cookie } })).text, '<p>the page</p>');
  t.is((await ask(served.url)).status, 403);
  t.is((await ask(`${origin}/`)).status, 403);
  t.regex(served.url, /^http:\/\/127\.0\.0\.1:\d+\//);
});

test('a wrong token is refused, and uses nothing up', async (t) => {
  await using served = await serve(SITE);
  const { origin } = new URL(served.url);
  for (const wrong of [
    '/?token=',
    '/?token=wrong',
    `/?token=${'x'.repeat(32)}`,
    '/',
    '/events',
    '/page.js',
    '/nothing',
  ])
    t.is((await ask(`${origin}${wrong}`)).status, 403, wrong);
  t.is((await entered(served)).status, 303);
});

test('other pages and other names of this machine cannot use the cookie', async (t) => {
  await using served = await serve(SITE);
  const { origin, cookie } = await entered(served);
  const act = { method: 'POST', body: '{"part":"fault","word":"powerOff","given":[]}' };
  const json = { cookie, 'content-type': 'application/json' };
  const post = (headers: Readonly<Record<string, string>>) =>
    ask(`${origin}/act`, { ...act, headers: { ...json, ...headers } });
  t.is((await post({})).status, 403);
  t.is((await post({ origin: 'http://127.0.0.1:1' })).status, 403);
  t.is((await ask(`${origin}/`, { headers: { cookie, host: 'attacker.example' } })).status, 403);
  t.deepEqual(JSON.parse((await post({ origin })).text), { said: 'done' });
});

test('what is wrong with a request is said in a sentence', async (t) => {
  await using served = await serve(SITE);
  const { origin, cookie } = await entered(served);
  const get = (path: string) => ask(`${origin}${path}`, { headers: { cookie } });
  t.deepEqual(JSON.parse((await get('/?run=1')).text), { error: 'There is one run.' });
  t.is((await get('/?run=one')).status, 400);
  t.is((await get('/../etc/passwd')).status, 404);
  t.is((await get('/at?ms=1')).status, 404, 'a live lab has no instants');
  const post = (body: string) =>
    ask(`${origin}/act`, {
      method: 'POST',
      body,
      headers: { cookie, origin, 'content-type': 'application/json' },
    });
  t.is((await post('{')).status, 400);
  t.is((await post('{"part":"expect","word":"x","given":[]}')).status, 400);
  const wrong = await post('{"part":"fault","word":"loseMember","given":["x"]}');
  t.deepEqual([wrong.status, JSON.parse(wrong.text)], [400, { error: 'There is no member.', argument: 0 }]);
  const unknown = await post('{"part":"fault","word":"explode","given":[]}');
  t.deepEqual([unknown.status, JSON.parse(unknown.text)], [400, { error: 'There is no explode.' }]);
});

test('the parts of the page come as Server-Sent Events', async (t) => {
  await using served = await serve(SITE);
  const { origin, cookie } = await entered(served);
  const { text } = await ask(`${origin}/events`, { headers: { cookie } });
  t.is(text, 'data: {"status":"served"}\n\n');
});

test('the server ends while somebody still looks', async (t) => {
  const served = await serve(SITE);
  const { origin, cookie } = await entered(served);
  const looking = request(`${origin}/events`, { headers: { cookie } });
  looking.on('error', () => {});
  looking.end();
  const [answer] = await once(looking, 'response');
  answer.resume();
  answer.on('error', () => {});
  const ended = once(answer, 'close');
  await served[Symbol.asyncDispose]();
  await ended;
  // Reset where another process got the port meanwhile, and has left it.
  const { code } = (await t.throwsAsync(ask(`${origin}/`))) as NodeJS.ErrnoException;
  t.regex(code ?? '', /^ECONN(REFUSED|RESET)$/);
});
